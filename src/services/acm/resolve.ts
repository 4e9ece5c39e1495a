import type { Certificate } from "../../model/acm/records.ts";
import { parseArn } from "../../model/arn.ts";
import { inScope } from "../../model/scope.ts";
import { certificates } from "../../store/tables/acm.ts";
import type { HandlerContext } from "../operation.ts";
import { checkArn, requireMember } from "./constraints.ts";
import { certificateNotFound, invalidArn } from "./errors.ts";

/** Throws ValidationException, InvalidArnException or ResourceNotFoundException. */
export function requireCertificate(context: HandlerContext, arn: string | undefined): Certificate {
  const text = requireMember(arn, "certificateArn");
  checkArn(text);
  const parts = parseArn(text);
  if (parts?.service !== "acm" || !parts.resource.startsWith("certificate/")) throw invalidArn(text);
  const found = context.store.get(certificates, text);
  if (found === undefined || !inScope(found, context.scope)) throw certificateNotFound(text, context.scope);
  return found;
}
