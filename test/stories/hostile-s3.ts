/** Hostile requests as S3 takes them: operations are told apart by sub-resources, members are everywhere. */
import type { NormalizedSchema } from "@smithy/core/schema";
import type { OperationModel } from "../../src/gateway/service-model.ts";
import { REGION } from "./harness.ts";
import { objectRequest, type RawRequest } from "./raw.ts";

const BUCKET = "hostile-objects";
const KEY = "key";

/** There is a bucket with an object, so that operations do not end before they have looked at anything. */
const PRELUDE: readonly RawRequest[] = [
  objectRequest(
    "PUT",
    `/${BUCKET}`,
    `<CreateBucketConfiguration><LocationConstraint>${REGION}</LocationConstraint></CreateBucketConfiguration>`,
  ),
  objectRequest("PUT", `/${BUCKET}/${KEY}`, "content"),
];

/** Of a request itself: with another value it would be another message, not another input. */
const FRAMING = new Set(["content-length", "host", "content-md5"]);

/** @param bodyOf what a payload of that schema is, for a text */
export function hostileObjectRequests(
  operation: OperationModel,
  texts: readonly string[],
  bodyOf: (schema: NormalizedSchema, text: string) => string,
): RawRequest[] {
  const { method = "GET", uri = "/" } = operation.http ?? {};
  const [path = "/", literals = ""] = uri.split("?");
  const members = [...operation.input.structIterator()];
  const places = (trait: string) =>
    members.flatMap(([, member]) => {
      const place: unknown = Reflect.get(member.getMergedTraits(), trait);
      return place === undefined || FRAMING.has(String(place).toLowerCase()) ? [] : [String(place)];
    });
  // Without it, it would be another operation.
  const needed = places("httpHeader").includes("x-amz-copy-source")
    ? { "x-amz-copy-source": `/${BUCKET}/${KEY}` }
    : {};
  const payload = members.find(([, member]) => Reflect.get(member.getMergedTraits(), "httpPayload"))?.[1];
  const requests: RawRequest[] = [...PRELUDE];
  const add = (
    text: string,
    parameters: readonly string[],
    headers: readonly string[],
    where = `/${BUCKET}`,
  ) => {
    const query = new URLSearchParams(literals);
    for (const name of parameters) {
      query.set(name, text.toWellFormed().slice(0, parameters.length > 1 ? 200 : 5000));
    }
    const key = path === "/" ? "" : `/${where === `/${BUCKET}` ? KEY : encodeURIComponent(text)}`;
    // Node takes 16 KB of path and headers, and no line breaks in them.
    const value = text
      .replace(/[^\t\x20-\x7e\x80-\xff]/g, "")
      .trim()
      .slice(0, headers.length > 1 ? 200 : 5000);
    requests.push(
      objectRequest(method, `${where}${key}?${query}`, payload === undefined ? "" : bodyOf(payload, text), {
        ...needed,
        ...Object.fromEntries(headers.map((name) => [name.toLowerCase(), value])),
      }),
    );
  };
  const [parameters, headers] = [places("httpQuery"), places("httpHeader")];
  for (const text of texts) {
    add(text, parameters, headers);
    add(text, parameters, []);
    add(text, parameters, [], `/${encodeURIComponent(text).slice(0, 2000)}`);
    for (const name of headers) add(text, parameters, [name]);
    for (const name of parameters) add(text, [name], []);
  }
  const suffix = literals === "" ? "" : `?${literals}`;
  requests.push(
    objectRequest(method, `/${BUCKET}/%zz${suffix}`, "<"),
    objectRequest(method, `/${BUCKET}/${KEY}${suffix}`, "<a><b>", { "content-md5": "x" }),
    objectRequest(method, `/${BUCKET}/${KEY}${suffix}`, "10\r\nabc", {
      "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }),
    objectRequest(method, `/${BUCKET}${path === "/" ? "" : `/${KEY}`}${suffix}`, "", {
      range: "bytes=99999999999999999999-1",
    }),
  );
  return requests;
}
