/** Every error that Cloud Map answers with: one function a message. Its exceptions name the text `Message`. */
import * as wire from "@aws-sdk/client-servicediscovery";
import type { DiscoveryService, Namespace } from "../../model/cloudmap/records.ts";

function options<T extends object>(text: string, more: T) {
  return { message: text, Message: text, $metadata: {}, ...more };
}

export function invalidInput(message: string): Error {
  return new wire.InvalidInput(options(message, {}));
}

export function namespaceNotFound(id: string): Error {
  return new wire.NamespaceNotFound(options(`Namespace not found: ${id}`, {}));
}

export function serviceNotFound(id: string): Error {
  return new wire.ServiceNotFound(options(`Service not found: ${id}`, {}));
}

export function instanceNotFound(id: string): Error {
  return new wire.InstanceNotFound(options(`Instance not found: ${id}`, {}));
}

export function operationNotFound(id: string): Error {
  return new wire.OperationNotFound(options(`Operation not found: ${id}`, {}));
}

export function resourceNotFound(arn: string): Error {
  return new wire.ResourceNotFoundException(options(`Resource not found: ${arn}`, {}));
}

export function namespaceAlreadyExists(namespace: Namespace): Error {
  return new wire.NamespaceAlreadyExists(
    options("Namespace already exists.", {
      CreatorRequestId: namespace.creatorRequestId,
      NamespaceId: namespace.id,
    }),
  );
}

export function serviceAlreadyExists(service: DiscoveryService): Error {
  return new wire.ServiceAlreadyExists(
    options("Service already exists.", {
      CreatorRequestId: service.creatorRequestId,
      ServiceId: service.id,
      ServiceArn: service.arn,
    }),
  );
}

export function namespaceHasServices(): Error {
  return new wire.ResourceInUse(
    options("Namespace has associated services; delete the services before deleting the namespace", {}),
  );
}

export function serviceHasInstances(): Error {
  return new wire.ResourceInUse(
    options("Service contains registered instances; delete the instances before deleting the service", {}),
  );
}

export function tooManyInstances(limit: number): Error {
  return new wire.ResourceLimitExceeded(options(`Limit of ${limit} instances per service exceeded`, {}));
}

export function customHealthNotFound(serviceId: string): Error {
  return new wire.CustomHealthNotFound(
    options(`Service ${serviceId} does not have a custom health check configuration`, {}),
  );
}

export function serviceAttributesLimitExceeded(limit: number): Error {
  return new wire.ServiceAttributesLimitExceededException(
    options(`Limit of ${limit} attributes per service exceeded`, {}),
  );
}

export function tooManyTags(resourceName: string, limit: number): Error {
  return new wire.TooManyTagsException(
    options(`Tag limit of ${limit} per resource exceeded`, { ResourceName: resourceName }),
  );
}
