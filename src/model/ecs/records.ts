/**
 * ECS's nouns as Berth keeps them. The user's own words (container definitions, network configuration)
 * stay as SDK types and are echoed as given; running counts and the like are computed, not stored.
 */
import type * as wire from "@aws-sdk/client-ecs";
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

export interface Cluster extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly status: "ACTIVE" | "INACTIVE";
  readonly settings: readonly wire.ClusterSetting[];
  readonly configuration?: wire.ClusterConfiguration | undefined;
  readonly capacityProviders: readonly string[];
  readonly defaultCapacityProviderStrategy: readonly wire.CapacityProviderStrategyItem[];
  readonly serviceConnectDefaults?: wire.ClusterServiceConnectDefaults | undefined;
  readonly tags: readonly Tag[];
}

/** The highest revision that a family ever had; never goes back, not even after DeleteTaskDefinitions. */
export interface TaskDefinitionFamily extends Scope {
  readonly family: string;
  readonly lastRevision: number;
}

export interface TaskDefinition extends Scope {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly status: "ACTIVE" | "INACTIVE" | "DELETE_IN_PROGRESS";
  /** Normalised as ECS stores it (as DescribeTaskDefinition shows it): defaults filled in, nothing else added. */
  readonly definition: Omit<wire.RegisterTaskDefinitionRequest, "family" | "tags">;
  readonly compatibilities: readonly wire.Compatibility[];
  readonly requiresAttributes: readonly wire.Attribute[];
  readonly registeredAt: number;
  readonly deregisteredAt?: number | undefined;
  readonly deleteRequestedAt?: number | undefined;
  readonly registeredBy: string;
  readonly tags: readonly Tag[];
}

/** What a deployment of a service runs: the revision-relevant part of the service. */
export interface DeploymentSpec {
  readonly taskDefinitionArn: string;
  readonly launchType?: wire.LaunchType | undefined;
  readonly capacityProviderStrategy: readonly wire.CapacityProviderStrategyItem[];
  readonly platformVersion?: string | undefined;
  readonly networkConfiguration?: wire.NetworkConfiguration | undefined;
  readonly loadBalancers: readonly wire.LoadBalancer[];
  readonly serviceRegistries: readonly wire.ServiceRegistry[];
  readonly enableExecuteCommand: boolean;
  readonly enableECSManagedTags: boolean;
  readonly propagateTags: wire.PropagateTags;
}

export interface Service extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly clusterArn: string;
  /** ACTIVE by handlers, DRAINING by DeleteService, INACTIVE by reconcile/service when the last task is gone. */
  readonly status: "ACTIVE" | "DRAINING" | "INACTIVE";
  /** Written by handlers; reconcile/service makes tasks follow it. */
  readonly desiredCount: number;
  readonly spec: DeploymentSpec;
  readonly deploymentConfiguration: wire.DeploymentConfiguration;
  readonly deploymentController: wire.DeploymentController;
  readonly schedulingStrategy: wire.SchedulingStrategy;
  readonly placementConstraints: readonly wire.PlacementConstraint[];
  readonly placementStrategy: readonly wire.PlacementStrategy[];
  readonly healthCheckGracePeriodSeconds?: number | undefined;
  readonly availabilityZoneRebalancing: wire.AvailabilityZoneRebalancing;
  readonly roleArn?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly inactiveAt?: number | undefined;
  readonly tags: readonly Tag[];
}

/** A rolling deployment; with it go a service deployment and a service revision of the same number. */
export interface Deployment extends Scope {
  /** `ecs-svc/<19 digits>`; also `startedBy` of its tasks. */
  readonly id: string;
  readonly serviceArn: string;
  /** `…:service-deployment/<cluster>/<service>/<21 characters>`. */
  readonly serviceDeploymentArn: string;
  /** `…:service-revision/<cluster>/<service>/<the digits of id>`. */
  readonly serviceRevisionArn: string;
  /** The service revisions that this one replaced, newest first; empty on the first deployment. */
  readonly sourceServiceRevisionArns: readonly string[];
  readonly spec: DeploymentSpec;
  /** Handlers make PRIMARY (and turn the former one ACTIVE); reconcile/service makes INACTIVE. */
  readonly status: "PRIMARY" | "ACTIVE" | "INACTIVE";
  readonly rolloutState: wire.DeploymentRolloutState;
  readonly rolloutStateReason: string;
  /** By container: what its image's tag meant to the first task that pulled it. Written by reconcile/task. */
  readonly imageDigests?: Readonly<Record<string, string>> | undefined;
  /** Consecutive failures to start; zeroed when a task runs. */
  readonly failedTasks: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly finishedAt?: number | undefined;
  /** On a failed deployment that was rolled back: where to, and since when the other one is complete again. */
  readonly rollback?:
    | {
        readonly toDeploymentId: string;
        readonly startedAt: number;
        readonly finishedAt?: number | undefined;
      }
    | undefined;
}

/** Newest 100 per service are kept, in a record of their own so that the service row stays small. */
export interface ServiceEvents extends Scope {
  readonly serviceArn: string;
  /** Newest first. */
  readonly events: readonly { readonly id: string; readonly createdAt: number; readonly message: string }[];
}

export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";

export interface TaskAttachment {
  /** The uuid of `arn:aws:ecs:R:A:attachment/<uuid>`. */
  readonly id: string;
  readonly status:
    | "PRECREATED"
    | "CREATED"
    | "ATTACHING"
    | "ATTACHED"
    | "DETACHING"
    | "DETACHED"
    | "DELETED"
    | "FAILED";
  readonly subnetId: string;
  readonly networkInterfaceId?: string | undefined;
  /** Kept here because a stopped task still shows them when its ENI is long gone. */
  readonly macAddress?: string | undefined;
  readonly privateDnsName?: string | undefined;
  readonly privateIpv4Address?: string | undefined;
}

export interface TaskContainer {
  /** `…:container/<cluster>/<task id>/<uuid>`. */
  readonly arn: string;
  readonly name: string;
  readonly image: string;
  readonly imageDigest?: string | undefined;
  /** The engine's id of the image that was pulled; not shown to users. */
  readonly imageId?: string | undefined;
  /** Docker's container id. */
  readonly runtimeId?: string | undefined;
  /** Names it at the task metadata endpoint: a uuid, on Fargate `<task id>-<number>`. Known to it alone, never shown. */
  readonly endpointId?: string | undefined;
  readonly lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly healthStatus: wire.HealthStatus;
  /** Of the check that brought `healthStatus`; absent while that is UNKNOWN. `since` in milliseconds since the epoch. */
  readonly healthCheck?:
    | { readonly since: number; readonly exitCode: number; readonly output: string }
    | undefined;
  /** How often its restart policy started it again. */
  readonly restartCount?: number | undefined;
  /** Milliseconds since the epoch: when the engine made it. */
  readonly createdAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly essential: boolean;
  /** Under `bridge` alone: the ports that are published on the container instance, once they are. */
  readonly networkBindings?: readonly wire.NetworkBinding[] | undefined;
}

export interface Task extends Scope {
  readonly arn: string;
  /** 32 hexadecimal digits. */
  readonly taskId: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  /** Set on service tasks. */
  readonly serviceArn?: string | undefined;
  readonly deploymentId?: string | undefined;
  readonly group: string;
  readonly startedBy?: string | undefined;
  readonly launchType: wire.LaunchType;
  readonly capacityProviderName?: string | undefined;
  /**
   * Where it runs, under launch type EC2: chosen when the task is made, or later by reconcile/placement when its
   * capacity provider has to bring an instance first (the task is PROVISIONING until then). Never changed again.
   */
  readonly containerInstanceArn?: string | undefined;
  /** Of RunTask, for a task that is placed later; a service has its own. */
  readonly placementConstraints?: readonly wire.PlacementConstraint[] | undefined;
  readonly placementStrategy?: readonly wire.PlacementStrategy[] | undefined;
  readonly platformVersion?: string | undefined;
  readonly networkConfiguration?: wire.NetworkConfiguration | undefined;
  readonly overrides: wire.TaskOverride;
  readonly enableExecuteCommand: boolean;
  readonly clientToken?: string | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  /** The uuid under which its containers get the credentials of its role. Known to them alone, never shown. */
  readonly credentialsId?: string | undefined;
  /** Protected from scale-in until then, in milliseconds since the epoch; what has passed protects no more. */
  readonly protectedUntil?: number | undefined;

  /** Written by handlers and reconcile/service. STOPPED is final. */
  readonly desiredStatus: "RUNNING" | "STOPPED";
  readonly stopCode?: wire.TaskStopCode | undefined;
  readonly stoppedReason?: string | undefined;
  readonly stoppingAt?: number | undefined;

  /** Everything below is written by reconcile/task alone. `lastStatus` never goes backwards. */
  readonly lastStatus: TaskStatus;
  readonly version: number;
  readonly availabilityZone?: string | undefined;
  readonly attachment?: TaskAttachment | undefined;
  readonly containers: readonly TaskContainer[];
  readonly healthStatus: wire.HealthStatus;
  readonly connectivityAt?: number | undefined;
  readonly pullStartedAt?: number | undefined;
  readonly pullStoppedAt?: number | undefined;
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly executionStoppedAt?: number | undefined;
  readonly stoppedAt?: number | undefined;
  readonly tags: readonly Tag[];
}

/** What reconcile/service remembers between two looks at a service because nothing else tells it. Its alone. */
export interface ServiceProgress extends Scope {
  readonly serviceArn: string;
  /** `createdAt` of the service it belongs to: the name, and so the ARN, of a deleted service may be used again. */
  readonly serviceCreatedAt: number;
  /** Ids of tasks (those that still exist) that were healthy at least once. */
  readonly onceHealthy: readonly string[];
  /** Ids of stopped tasks (those that still exist) whose end was judged: a failure of the deployment or not. */
  readonly judgedStops: readonly string[];
  /** Launches that never came to RUNNING, one round after the other; they delay the next launch. */
  readonly launchFailures?:
    | {
        readonly deploymentId: string;
        /** An update of the service ends the delay. */
        readonly desiredCount: number;
        readonly rounds: number;
        readonly lastAt: number;
      }
    | undefined;
  /** When a message was last written that is not repeated within 6 hours unless its cause went away. */
  readonly announcedAt: {
    readonly steady?: number | undefined;
    readonly impaired?: number | undefined;
    readonly blocked?: number | undefined;
    /** By tasks under scale-in protection. */
    readonly guarded?: number | undefined;
  };
  /** Launch type EC2: the message about tasks that no container instance takes, for as long as that lasts. */
  readonly unplaced?: { readonly message: string; readonly announcedAt: number } | undefined;
  /** Availability Zone rebalancing goes on. */
  readonly rebalancing?:
    | {
        readonly desiredCount: number;
        /** Ids of tasks for which others are to stop once these are healthy. */
        readonly started: readonly string[];
        /** That no instance in a zone takes a task: told once, and again after six hours. */
        readonly refused?: { readonly message: string; readonly announcedAt: number } | undefined;
      }
    | undefined;
}

/** What ECS registered for a service's task, until all of it is deregistered. Written by reconcile/registration. */
export interface TaskRegistration extends Scope {
  readonly taskArn: string;
  readonly serviceArn: string;
  readonly targets: readonly {
    readonly targetGroupArn: string;
    readonly targetId: string;
    readonly port: number;
  }[];
  /** Cloud Map services in which the task is an instance; the instance id is the task id. */
  readonly instances: readonly { readonly serviceId: string; readonly instanceId: string }[];
  readonly registeredAt: number;
}

/** What an account, or one principal in it, set about ECS; the service's own defaults are not stored. */
export interface AccountSetting extends Scope {
  /** `…:root` for the account's default. */
  readonly principalArn: string;
  readonly name: wire.SettingName;
  readonly value: string;
}

export type ContainerInstanceStatus =
  | "REGISTERING"
  | "ACTIVE"
  | "DRAINING"
  | "DEREGISTERING"
  | "REGISTRATION_FAILED"
  | "INACTIVE";

/** An EC2 instance that its agent registered with a cluster. What remains of its resources is computed. */
export interface ContainerInstance extends Scope {
  readonly arn: string;
  /** 32 hexadecimal digits. */
  readonly containerInstanceId: string;
  readonly clusterArn: string;
  /** Absent on one that a client registered without an instance behind it. */
  readonly ec2InstanceId?: string | undefined;
  /** REGISTERING and ACTIVE by who registers it; ACTIVE, DRAINING and INACTIVE by handlers; INACTIVE by reconcile/instance when the instance is gone. */
  readonly status: ContainerInstanceStatus;
  readonly statusReason?: string | undefined;
  /** By reconcile/instance: the instance runs. */
  readonly agentConnected: boolean;
  readonly versionInfo: wire.VersionInfo;
  readonly agentUpdateStatus?: wire.AgentUpdateStatus | undefined;
  /** CPU, MEMORY, PORTS, PORTS_UDP (and GPU), in the wire's form. */
  readonly registeredResources: readonly wire.Resource[];
  /** The agent's, the service's own and the user's. */
  readonly attributes: readonly wire.Attribute[];
  readonly capacityProviderName?: string | undefined;
  /** With `awsvpcTrunking`: the trunk that the ENIs of tasks branch off. */
  readonly trunkInterfaceId?: string | undefined;
  readonly registeredAt: number;
  readonly deregisteredAt?: number | undefined;
  readonly version: number;
  readonly tags: readonly Tag[];
}

export interface CapacityProvider extends Scope {
  readonly arn: string;
  readonly name: string;
  /** `INACTIVE` ones are described no more than by name. */
  readonly status: "ACTIVE" | "INACTIVE";
  readonly autoScalingGroupProvider: wire.AutoScalingGroupProvider;
  readonly updateStatus?: wire.CapacityProviderUpdateStatus | undefined;
  readonly updateStatusReason?: string | undefined;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
}

/** One container on an instance's `docker0`: network mode `bridge`. */
export interface BridgeEndpoint extends Scope {
  /** 64 hexadecimal digits, as Docker names it. */
  readonly endpointId: string;
  readonly instanceId: string;
  readonly taskArn: string;
  /** In the task definition. */
  readonly containerName: string;
  /** Docker's name for the container, `ecs-<family>-<revision>-<container>-<hex>`. */
  readonly engineName: string;
  /** Of 172.17.0.0/16, the lowest that was free. */
  readonly address: string;
  /** `02:42:` and the address. */
  readonly macAddress: string;
  readonly ports: readonly {
    readonly protocol: "tcp" | "udp";
    readonly containerPort: number;
    readonly hostPort: number;
  }[];
  /** The container that holds its namespace. Written by reconcile/task. */
  readonly sandbox?: { readonly containerId: string; readonly processId: number } | undefined;
  /** Written by reconcile/fabric alone: the link is in that sandbox, and its ports are published. */
  readonly linkState: "absent" | "ready";
}

/** The program of a session of execute-command, from before it starts until it has surely ended. */
export interface SessionProgram extends Scope {
  readonly sessionId: string;
  /** The engine's. */
  readonly programId: string;
  readonly containerArn: string;
  readonly runtimeId: string;
}
