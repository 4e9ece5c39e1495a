/** What Secrets Manager asks of a secret's own policy (user guide, "Attach a permissions policy to a secret"). */
import { type PolicyDocument, parsePolicy, type Statement } from "../iam/policy/document.ts";

/** Keys that bind a policy for everybody to somebody after all. */
const NARROWING = new Set(["aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceaccount"]);

/** Undefined when the text is no policy for a resource. */
export function readResourcePolicy(text: string): PolicyDocument | undefined {
  const document = parsePolicy(text);
  if (document === undefined || document.statements.length === 0) return undefined;
  return statementCount(text) === document.statements.length && document.statements.every(isWhole)
    ? document
    : undefined;
}

/** Statements that cannot be read are left out of the document. */
function statementCount(text: string): number {
  const root: unknown = JSON.parse(text);
  const isList = typeof root === "object" && root !== null && "Statement" in root;
  return isList && Array.isArray(root.Statement) ? root.Statement.length : 1;
}

function isWhole({ principals, notPrincipals, actions, notActions, resources, notResources }: Statement) {
  return (
    (principals !== undefined || notPrincipals !== undefined) &&
    (actions !== undefined || notActions !== undefined) &&
    (resources !== undefined || notResources !== undefined)
  );
}

export function grantsBroadAccess({ statements }: PolicyDocument): boolean {
  return statements.some(
    ({ effect, principals, conditions }) =>
      effect === "Allow" && isEverybody(principals) && !conditions.some(({ key }) => NARROWING.has(key)),
  );
}

function isEverybody(principals: Statement["principals"]): boolean {
  return principals === "*" || principals?.get("AWS")?.includes("*") === true;
}

/** Of users and roles of that account: `user/dev/ann`. */
export function localPrincipals({ statements }: PolicyDocument, account: string): string[] {
  const prefix = `arn:aws:iam::${account}:`;
  return statements
    .flatMap(({ principals, notPrincipals }) => [principals, notPrincipals])
    .flatMap((element) => (element === undefined || element === "*" ? [] : (element.get("AWS") ?? [])))
    .filter((principal) => principal.startsWith(`${prefix}role/`) || principal.startsWith(`${prefix}user/`))
    .map((principal) => principal.slice(prefix.length));
}
