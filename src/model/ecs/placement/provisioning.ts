/** Tasks that wait for a container instance, per cluster (Amazon ECS developer guide, service event messages). */
export const MOST_PROVISIONING_TASKS = 500;
