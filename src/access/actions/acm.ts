import type * as sdk from "@aws-sdk/client-acm";
import { type ActionRules, ANY, regional, tagList } from "./action.ts";

const onCertificate = {
  on: (input: { readonly CertificateArn?: string | undefined }) => [input.CertificateArn ?? "*"],
};

export const acmActions = {
  ListCertificates: ANY,
  RequestCertificate: {
    on: (_input, call) => [regional("acm", call, "certificate/*")],
    tags: (input) => tagList(input.Tags),
    also: (input, call) =>
      (input.Tags ?? []).length === 0
        ? []
        : [{ action: "acm:AddTagsToCertificate", resource: regional("acm", call, "certificate/*") }],
  },
  ImportCertificate: {
    on: (input, call) => [input.CertificateArn ?? regional("acm", call, "certificate/*")],
    tags: (input) => tagList(input.Tags),
  },
  AddTagsToCertificate: { ...onCertificate, tags: (input) => tagList(input.Tags) },
  RemoveTagsFromCertificate: {
    ...onCertificate,
    tagKeys: (input) => (input.Tags ?? []).flatMap(({ Key }) => Key ?? []),
  },
  DeleteCertificate: onCertificate,
  DescribeCertificate: onCertificate,
  GetCertificate: onCertificate,
  ListTagsForCertificate: onCertificate,
  RenewCertificate: onCertificate,
  ResendValidationEmail: onCertificate,
  UpdateCertificateOptions: onCertificate,
} satisfies ActionRules<typeof sdk>;
