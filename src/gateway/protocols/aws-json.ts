/** AWS JSON 1.0 and 1.1: `X-Amz-Target` names the operation, bodies are JSON objects. */
import { JsonCodec } from "@aws-sdk/core/protocols";
import type { NormalizedSchema } from "@smithy/core/schema";
import { SCHEMA } from "@smithy/core/schema";
import { MalformedInput } from "../faults.ts";
import type { Protocol } from "./protocol.ts";
import { readJsonValue } from "./shape.ts";

const codec = new JsonCodec({
  timestampFormat: { useTrait: true, default: SCHEMA.TIMESTAMP_EPOCH_SECONDS },
  jsonName: false,
});

export function awsJsonProtocol(version: "1.0" | "1.1"): Protocol {
  const contentType = `application/x-amz-json-${version}`;
  return {
    operationName: (_model, request) => /\.(\w+)$/.exec(request.headers["x-amz-target"] ?? "")?.[1],

    decode(_model, operation, request) {
      const text = request.body.toString("utf8");
      let value: unknown;
      try {
        value = text.trim() === "" ? {} : JSON.parse(text);
      } catch {
        throw new MalformedInput("Unable to parse the request body as JSON");
      }
      if (operation.input.isUnitSchema()) return {};
      const input = readJsonValue(operation.input, value, "");
      return typeof input === "object" && input !== null ? { ...input } : {};
    },

    encode(_model, operation, output, requestId) {
      return {
        status: 200,
        headers: { "content-type": contentType, "x-amzn-requestid": requestId },
        body: operation.output.isUnitSchema() ? "{}" : encodeJson(operation.output, output),
      };
    },

    encodeError(_model, error, requestId) {
      return {
        status: error.httpStatus,
        headers: {
          "content-type": contentType,
          "x-amzn-requestid": requestId,
          "x-amzn-errortype": error.code,
        },
        body: JSON.stringify({ __type: error.code, message: error.message, ...error.members }),
      };
    },
  };
}

function encodeJson(schema: NormalizedSchema, output: object): string | Uint8Array {
  const serializer = codec.createSerializer();
  serializer.write(schema, output);
  return serializer.flush();
}
