/** Reading objects. */
import type * as wire from "@aws-sdk/client-s3";
import type { StoredObject } from "../../model/s3/records.ts";
import type { Bytes, HandlerContext } from "../operation.ts";
import { type ByteRange, contentRange, readRange } from "./byte-range.ts";
import { checkReadConditions } from "./conditions.ts";
import { refuseCustomerKey } from "./constraints.ts";
import { invalidArgument, invalidPartNumber, invalidRequest } from "./errors.ts";
import { requireObject } from "./resolve.ts";
import { describeObject } from "./views/object.ts";

const MOST_PARTS = 10_000;

type Described = Omit<wire.HeadObjectOutput, "Body">;

export async function getObject(
  input: wire.GetObjectRequest,
  context: HandlerContext,
): Promise<Described & { readonly Body?: Bytes }> {
  // A file goes with the record that names it: an object that is replaced meanwhile is looked for again.
  let missing: string | undefined;
  for (;;) {
    const object = requireObject(context, input);
    if (object.blob === missing) throw new Error("the file of an object of S3 is not there");
    const { described, range } = look(object, input);
    if (object.size === 0) return { ...described, Body: Buffer.alloc(0) };
    const { start, end } = range ?? { start: 0, end: object.size - 1 };
    const bytes = await context.objectStore.read(object.blob, start, end);
    if (bytes !== undefined) return { ...described, Body: bytes };
    missing = object.blob;
  }
}

export function headObject(input: wire.HeadObjectRequest, context: HandlerContext): Described {
  return look(requireObject(context, input), input).described;
}

/** Throws PreconditionFailed, InvalidRange, InvalidPartNumber; 304. */
function look(
  object: StoredObject,
  input: wire.GetObjectRequest | wire.HeadObjectRequest,
): { readonly described: Described; readonly range: ByteRange | undefined } {
  refuseCustomerKey(input);
  checkReadConditions(object, input);
  const part = partRange(object, input);
  const range = part ?? readRange(input.Range, object.size);
  const described = describeObject(
    object,
    range === undefined ? input : { ...input, ChecksumMode: undefined },
  );
  const parts = object.partSizes?.length;
  return {
    range,
    described: {
      ...described,
      ContentLength: range === undefined ? object.size : range.end - range.start + 1,
      ...(range === undefined ? {} : { ContentRange: contentRange(range, object.size) }),
      ...(input.PartNumber === undefined || parts === undefined ? {} : { PartsCount: parts }),
    },
  };
}

function partRange(
  { size, partSizes }: StoredObject,
  { PartNumber: number, Range: range }: wire.GetObjectRequest,
): ByteRange | undefined {
  if (number === undefined) return undefined;
  if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
      "partNumber",
      String(number),
    );
  }
  if (range !== undefined)
    throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  const sizes = partSizes ?? [size];
  const own = sizes[number - 1];
  if (own === undefined) throw invalidPartNumber();
  if (own === 0) return undefined;
  const start = sizes.slice(0, number - 1).reduce((sum, each) => sum + each, 0);
  return { start, end: start + own - 1 };
}
