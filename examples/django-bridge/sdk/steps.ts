/** What each step changes, and nothing else: the same table as in `terraform/variables.tf`. */
const STEP_NAMES = ["1", "1b", "2", "3", "4", "5"] as const;

export type StepName = (typeof STEP_NAMES)[number];

export interface Step {
  readonly network: "bridge" | "awsvpc";
  /** A tag of the nginx image: a file of `images/nginx/conf/`. */
  readonly conf: "bridge" | "name" | "awsvpc" | "discovery";
  readonly instanceType: "t2.micro" | "t2.small";
  readonly instances: number;
  /** Of the one service; 0 when there are two. */
  readonly tasks: number;
}

export const STEPS: Readonly<Record<StepName, Step>> = {
  "1": { network: "bridge", conf: "bridge", instanceType: "t2.micro", instances: 1, tasks: 1 },
  "1b": { network: "bridge", conf: "name", instanceType: "t2.micro", instances: 1, tasks: 1 },
  "2": { network: "awsvpc", conf: "awsvpc", instanceType: "t2.micro", instances: 1, tasks: 1 },
  "3": { network: "awsvpc", conf: "awsvpc", instanceType: "t2.micro", instances: 1, tasks: 2 },
  "4": { network: "awsvpc", conf: "awsvpc", instanceType: "t2.small", instances: 1, tasks: 2 },
  "5": { network: "awsvpc", conf: "discovery", instanceType: "t2.small", instances: 2, tasks: 0 },
};

/** Throws when there is no such step. */
export function readStep(name: string | undefined): StepName {
  const step = STEP_NAMES.find((known) => known === name);
  if (step === undefined) throw new Error(`--step is one of ${STEP_NAMES.join(", ")}`);
  return step;
}
