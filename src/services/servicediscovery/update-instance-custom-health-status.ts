import type * as wire from "@aws-sdk/client-servicediscovery";
import { setInstanceHealth } from "../../store/discovery.ts";
import type { HandlerContext } from "../operation.ts";
import { checkEnum } from "./constraints.ts";
import { customHealthNotFound } from "./errors.ts";
import { requireInstance, requireService } from "./resolve.ts";

/** In force at once, where AWS waits for 30 seconds. */
export function updateInstanceCustomHealthStatus(
  input: wire.UpdateInstanceCustomHealthStatusRequest,
  context: HandlerContext,
): object {
  const status = checkEnum(input.Status, "status", ["HEALTHY", "UNHEALTHY"]);
  const service = requireService(input.ServiceId, context);
  const instance = requireInstance(service, input.InstanceId, context);
  if (service.healthCheckCustomConfig === undefined) throw customHealthNotFound(service.id);
  context.store.transaction((tx) =>
    setInstanceHealth(tx, context.store, service.id, instance.instanceId, status),
  );
  return {};
}
