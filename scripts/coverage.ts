/**
 * Which operations Berth implements, as docs/coverage.md shows them: from the services' own tables and the SDKs'
 * schemas, so that the page cannot say more than the code does.
 *
 *   node scripts/coverage.ts            prints the page
 *   node scripts/coverage.ts --write    writes it
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serviceCatalog } from "../src/gateway/service-catalog.ts";

export const COVERAGE_PAGE = new URL("../docs/coverage.md", import.meta.url);

/** By the id that the catalogue and IAM use. */
const TITLES: Readonly<Record<string, string>> = {
  acm: "Certificate Manager",
  autoscaling: "EC2 Auto Scaling",
  cloudtrail: "CloudTrail",
  ec2: "EC2",
  ecr: "Elastic Container Registry",
  ecs: "Elastic Container Service",
  events: "EventBridge",
  elasticloadbalancing: "Elastic Load Balancing v2",
  iam: "Identity and Access Management",
  logs: "CloudWatch Logs",
  route53: "Route 53",
  s3: "Simple Storage Service",
  secretsmanager: "Secrets Manager",
  servicediscovery: "Cloud Map",
  ssm: "Systems Manager",
  sts: "Security Token Service",
};

interface ServiceCoverage {
  readonly id: string;
  readonly title: string;
  /** Sorted. */
  readonly implemented: readonly string[];
  /** How many operations the service has in AWS's SDK. */
  readonly known: number;
}

/** Loads every service. */
export async function readCoverage(): Promise<ServiceCoverage[]> {
  const services = await Promise.all(
    serviceCatalog.map(async ({ id, load }) => {
      const { model, operations } = await load();
      const implemented = Object.keys(operations).sort();
      return { id, title: TITLES[id] ?? id, implemented, known: model.operations.size };
    }),
  );
  return services.sort((a, b) => (a.title < b.title ? -1 : 1));
}

export function renderCoverage(services: readonly ServiceCoverage[]): string {
  const total = services.reduce((sum, service) => sum + service.implemented.length, 0);
  return `<!-- Made by scripts/coverage.ts: do not edit; run node scripts/coverage.ts --write -->
# Operations

Berth implements ${total} operations of ${services.length} services. Any other operation is answered with an error that names
the service and the operation; none is answered as if it had worked. What the implemented ones do differently from
AWS is in [behaviour.md](behaviour.md).

| service | name in requests | implemented |
|---|---|---|
${services.map(({ id, title, implemented, known }) => `| ${title} | \`${id}\` | ${implemented.length} of ${known} |`).join("\n")}

${services.map(renderService).join("\n\n")}
`;
}

function renderService({ title, implemented, known }: ServiceCoverage): string {
  const list = implemented.map((name) => `- ${name}`).join("\n");
  return `## ${title}: ${implemented.length} of ${known}\n\n${list}`;
}

async function main(): Promise<void> {
  const page = renderCoverage(await readCoverage());
  if (process.argv.includes("--write")) writeFileSync(fileURLToPath(COVERAGE_PAGE), page);
  else process.stdout.write(page);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
