/** What a container instance has to give, before any task took of it. */
import { findInstanceType } from "../../ec2/instance-types.ts";
import type { ContainerInstance } from "../records.ts";

export interface InstanceCapacity {
  /** CPU units. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
  /** Never given to tasks: the agent's, Docker's, SSH. */
  readonly portsTcp: readonly number[];
  readonly portsUdp: readonly number[];
  readonly gpus: readonly string[];
  /**
   * Elastic network interfaces for tasks: those of the instance type without the primary one, or what a trunk carries
   * (developer guide, "Increasing Amazon ECS Linux container instance network interfaces"). ECS does not count
   * interfaces that others attached.
   */
  readonly taskInterfaces: number;
  readonly availabilityZone: string | undefined;
  /** `name` for every attribute, and `name=value` for those that have a value. */
  readonly attributes: ReadonlySet<string>;
}

const known = new WeakMap<ContainerInstance, InstanceCapacity>();

export function capacityOf(instance: ContainerInstance): InstanceCapacity {
  const capacity = known.get(instance) ?? computeCapacity(instance);
  known.set(instance, capacity);
  return capacity;
}

/** `undefined` when there is no such attribute, `""` when it has no value. */
export function attributeOf(instance: ContainerInstance, name: string): string | undefined {
  const attribute = instance.attributes.find((candidate) => candidate.name === name);
  return attribute === undefined ? undefined : (attribute.value ?? "");
}

function computeCapacity(instance: ContainerInstance): InstanceCapacity {
  const resource = (name: string) =>
    instance.registeredResources.find((candidate) => candidate.name === name);
  const values = (name: string): readonly string[] => resource(name)?.stringSetValue ?? [];
  return {
    cpu: resource("CPU")?.integerValue ?? 0,
    memory: resource("MEMORY")?.integerValue ?? 0,
    portsTcp: values("PORTS").map(Number),
    portsUdp: values("PORTS_UDP").map(Number),
    gpus: values("GPU"),
    taskInterfaces: taskInterfacesOf(instance),
    availabilityZone: attributeOf(instance, "ecs.availability-zone"),
    attributes: new Set(
      instance.attributes.flatMap(({ name = "", value }) =>
        value === undefined ? [name] : [name, `${name}=${value}`],
      ),
    ),
  };
}

/** None on an instance whose type nobody knows: there is nothing to attach an interface to. */
function taskInterfacesOf(instance: ContainerInstance): number {
  const type = findInstanceType(attributeOf(instance, "ecs.instance-type") ?? "");
  if (type === undefined) return 0;
  if (instance.trunkInterfaceId !== undefined && type.trunkedTasks !== undefined) return type.trunkedTasks;
  return Math.max(0, type.maximumInterfaces - 1);
}
