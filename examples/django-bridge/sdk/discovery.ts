/** Cloud Map: the namespace `ecs-django.local`, and in it the service `gunicorn`. */
import {
  CreatePrivateDnsNamespaceCommand,
  CreateServiceCommand,
  GetOperationCommand,
  ListNamespacesCommand,
  ListServicesCommand,
  type ServiceDiscoveryClient,
} from "@aws-sdk/client-servicediscovery";
import { NAME, present, until } from "./clients.ts";

/** Returns the service's ARN. */
export async function ensureDiscovery(cloudMap: ServiceDiscoveryClient, vpcId: string): Promise<string> {
  const namespaceId = await ensureNamespace(cloudMap, vpcId);
  const { Services } = await cloudMap.send(
    new ListServicesCommand({ Filters: [{ Name: "NAMESPACE_ID", Values: [namespaceId] }] }),
  );
  const found = Services?.find(({ Name }) => Name === "gunicorn")?.Arn;
  if (found !== undefined) return found;
  const { Service } = await cloudMap.send(
    new CreateServiceCommand({
      Name: "gunicorn",
      NamespaceId: namespaceId,
      DnsConfig: { RoutingPolicy: "MULTIVALUE", DnsRecords: [{ Type: "A", TTL: 10 }] },
      HealthCheckCustomConfig: { FailureThreshold: 1 },
    }),
  );
  return present(Service?.Arn, "Arn");
}

async function ensureNamespace(cloudMap: ServiceDiscoveryClient, vpcId: string): Promise<string> {
  const Name = `${NAME}.local`;
  const { Namespaces } = await cloudMap.send(new ListNamespacesCommand({}));
  const found = Namespaces?.find((namespace) => namespace.Name === Name)?.Id;
  if (found !== undefined) return found;
  const { OperationId } = await cloudMap.send(new CreatePrivateDnsNamespaceCommand({ Name, Vpc: vpcId }));
  return until(`the namespace ${Name} is made`, 120, async () => {
    const { Operation } = await cloudMap.send(new GetOperationCommand({ OperationId }));
    return Operation?.Status === "SUCCESS" ? Operation.Targets?.NAMESPACE : undefined;
  });
}
