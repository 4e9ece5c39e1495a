/** Cloud Map: a private namespace and one service in it for each ECS service. */
import {
  CreatePrivateDnsNamespaceCommand,
  CreateServiceCommand,
  GetOperationCommand,
  type ServiceDiscoveryClient,
} from "@aws-sdk/client-servicediscovery";
import { until } from "./until.ts";

export async function createDiscovery(
  cloudMap: ServiceDiscoveryClient,
  vpcId: string,
): Promise<{ backend: string; proxy: string }> {
  const { OperationId } = await cloudMap.send(
    new CreatePrivateDnsNamespaceCommand({ Name: "ecs-navi.local", Vpc: vpcId }),
  );
  let namespaceId = "";
  await until("the namespace is made", 120, async () => {
    const { Operation } = await cloudMap.send(new GetOperationCommand({ OperationId }));
    namespaceId = Operation?.Targets?.NAMESPACE ?? "";
    return Operation?.Status === "SUCCESS";
  });
  return {
    backend: await createDiscoveryService(cloudMap, namespaceId, "backend"),
    proxy: await createDiscoveryService(cloudMap, namespaceId, "proxy-nginx"),
  };
}

async function createDiscoveryService(
  cloudMap: ServiceDiscoveryClient,
  NamespaceId: string,
  Name: string,
): Promise<string> {
  const { Service } = await cloudMap.send(
    new CreateServiceCommand({
      Name,
      NamespaceId,
      DnsConfig: { RoutingPolicy: "MULTIVALUE", DnsRecords: [{ Type: "A", TTL: 60 }] },
      HealthCheckCustomConfig: { FailureThreshold: 1 },
    }),
  );
  return Service?.Arn ?? "";
}
