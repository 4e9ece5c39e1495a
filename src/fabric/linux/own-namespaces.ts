/**
 * Namespaces that interfaces have of their own: which of them belong to a VPC. Their names do not say; the links in
 * the VPC's namespace do, and memory does for those that have no link yet.
 */
import type { InterfaceConfig } from "../config.ts";
import { interfaceNamespaceName, isInterfaceLink, linkName, namespacePrefix } from "../links/names.ts";
import { ipShow } from "./commands.ts";
import { deleteNamespace, listNamespaces, namespaceExists, namespacePath } from "./namespaces.ts";

export class OwnNamespaces {
  readonly #installation: string;
  readonly #remembered = new Map<string, Set<string>>();

  constructor(installation: string) {
    this.#installation = installation;
  }

  /** Removes those of the VPC whose interface is no longer declared, or no longer has one of its own. */
  async removeUndeclared(
    vpcId: string,
    links: readonly string[],
    interfaces: readonly InterfaceConfig[],
  ): Promise<void> {
    const wanted = new Set(
      interfaces
        .filter((one) => one.sandbox.kind === "own-namespace")
        .map((one) => interfaceNamespaceName(this.#installation, one.interfaceId)),
    );
    const present = new Set(links.filter(isInterfaceLink));
    const remembered = this.#remembered.get(vpcId) ?? new Set<string>();
    for (const name of await this.#list()) {
      const belongs = remembered.has(name) || present.has(this.#linkOf(name));
      if (belongs && !wanted.has(name)) await deleteNamespace(name);
    }
    if (wanted.size > 0) this.#remembered.set(vpcId, wanted);
    else this.#remembered.delete(vpcId);
  }

  /** A crash between making a namespace and its link leaves one that no VPC knows of. */
  async sweep(): Promise<void> {
    for (const name of await this.#list()) {
      const links = (await namespaceExists(name)) ? await ipShow(namespacePath(name), ["link show"]) : [];
      if (!links.some((link) => link["ifname"] === "eth0")) await deleteNamespace(name);
    }
  }

  #list(): Promise<readonly string[]> {
    return listNamespaces(`${namespacePrefix(this.#installation)}eni-`);
  }

  #linkOf(name: string): string {
    return linkName(name.slice(namespacePrefix(this.#installation).length));
  }
}
