/** What the XML-speaking protocols share: elements by schema, and text that is safe inside them. */
import { XmlCodec } from "@aws-sdk/core/protocols";
import type { NormalizedSchema } from "@smithy/core/schema";
import { SCHEMA } from "@smithy/core/schema";

const codec = new XmlCodec({
  timestampFormat: { useTrait: true, default: SCHEMA.TIMESTAMP_DATE_TIME },
  xmlNamespace: "",
  serviceNamespace: "",
});

/** The elements inside the root of `output`, without the root. */
export function encodeMembers(schema: NormalizedSchema, output: object): string {
  if (schema.isUnitSchema()) return "";
  const serializer = codec.createSerializer();
  serializer.write(schema, output);
  const text = String(serializer.flush());
  const start = text.indexOf(">");
  if (text.charAt(start - 1) === "/") return "";
  return text.slice(start + 1, text.lastIndexOf("</"));
}

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
