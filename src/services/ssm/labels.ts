/** Labels of versions: a label is at one version of its parameter only. */
import type * as wire from "@aws-sdk/client-ssm";
import { parseReference } from "../../model/ssm/names.ts";
import type { Parameter, ParameterVersion } from "../../model/ssm/records.ts";
import { parameters } from "../../store/tables/ssm.ts";
import { constraintViolation, lengthRequirement } from "../constraint-messages.ts";
import type { HandlerContext } from "../operation.ts";
import { checkCount, requireMember, requireName } from "./constraints.ts";
import { tooManyLabels, validation, versionNotFound } from "./errors.ts";
import { newestOf, requireParameter } from "./resolve.ts";

const MOST_LABELS = 10;

/** Labels that cannot be are told in the answer and left out. */
export function labelParameterVersion(
  input: wire.LabelParameterVersionRequest,
  context: HandlerContext,
): wire.LabelParameterVersionResult {
  const labels = readLabels(input.Labels);
  const parameter = requireParameter(context, parseReference(requireName(input.Name)).name);
  const target = requireVersion(parameter, input.ParameterVersion);
  const valid = labels.filter(isLabel);
  const together = [...target.labels, ...valid.filter((label) => !target.labels.includes(label))];
  if (together.length > MOST_LABELS) throw tooManyLabels();
  writeLabels(context, parameter, (version) =>
    version === target ? together : version.labels.filter((label) => !valid.includes(label)),
  );
  return {
    InvalidLabels: labels.filter((label) => !isLabel(label)),
    ParameterVersion: target.version,
  };
}

export function unlabelParameterVersion(
  input: wire.UnlabelParameterVersionRequest,
  context: HandlerContext,
): wire.UnlabelParameterVersionResult {
  const labels = readLabels(input.Labels);
  const wanted = requireMember(input.ParameterVersion, "parameterVersion");
  const parameter = requireParameter(context, parseReference(requireName(input.Name)).name);
  const target = requireVersion(parameter, wanted);
  writeLabels(context, parameter, (version) =>
    version === target ? version.labels.filter((label) => !labels.includes(label)) : version.labels,
  );
  return {
    RemovedLabels: labels.filter((label) => target.labels.includes(label)),
    InvalidLabels: labels.filter((label) => !target.labels.includes(label)),
  };
}

function readLabels(given: readonly string[] | undefined): string[] {
  const labels = [...new Set(requireMember(given, "labels"))];
  checkCount(labels, "labels", 1, MOST_LABELS);
  for (const label of labels) {
    if (lengthRequirement(label.length, 1, 100) === undefined) continue;
    throw validation(
      constraintViolation(
        `[${label}]`,
        "labels",
        "Member must satisfy constraint: [Member must have length less than or equal to 100, Member must have length " +
          "greater than or equal to 1]",
      ),
    );
  }
  return labels;
}

/** Systems Manager guide, "Working with parameter labels". */
function isLabel(label: string): boolean {
  return /^[a-zA-Z_.-][a-zA-Z0-9_.-]*$/.test(label) && !/^(aws|ssm)/i.test(label);
}

/** Throws ParameterVersionNotFound. */
function requireVersion(parameter: Parameter, wanted: number | undefined): ParameterVersion {
  if (wanted === undefined) return newestOf(parameter);
  const found = parameter.versions.find(({ version }) => version === wanted);
  if (found === undefined) throw versionNotFound(parameter.name, String(wanted));
  return found;
}

function writeLabels(
  context: HandlerContext,
  parameter: Parameter,
  labelsOf: (version: ParameterVersion) => readonly string[],
): void {
  const versions = parameter.versions.map((version) => ({ ...version, labels: labelsOf(version) }));
  context.store.transaction((tx) => tx.put(parameters, { ...parameter, versions }));
}
