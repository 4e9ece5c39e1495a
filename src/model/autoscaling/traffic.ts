/** The type of a traffic source that is a target group. */
export const LOAD_BALANCER_TRAFFIC = "elbv2";
