import type * as wire from "@aws-sdk/client-servicediscovery";
import { deregisterInstance as removeInstance } from "../../store/discovery.ts";
import type { HandlerContext } from "../operation.ts";
import { recordOperation } from "./asynchronous.ts";
import { requireInstance, requireService } from "./resolve.ts";

export function deregisterInstance(
  input: wire.DeregisterInstanceRequest,
  context: HandlerContext,
): wire.DeregisterInstanceResponse {
  const service = requireService(input.ServiceId, context);
  const { instanceId } = requireInstance(service, input.InstanceId, context);
  const operationId = context.store.transaction((tx) => {
    removeInstance(tx, context.store, service.id, instanceId);
    return recordOperation(tx, context, "DEREGISTER_INSTANCE", { SERVICE: service.id, INSTANCE: instanceId });
  });
  return { OperationId: operationId };
}
