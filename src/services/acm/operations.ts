import type * as sdk from "@aws-sdk/client-acm";
import { constraintViolation, memberPath, NOT_NULL } from "../constraint-messages.ts";
import { CodedError, type OperationsOf, type ServiceFaults } from "../operation.ts";
import {
  addTagsToCertificate,
  listTagsForCertificate,
  removeTagsFromCertificate,
} from "./certificate-tags.ts";
import {
  deleteCertificate,
  describeCertificate,
  getCertificate,
  renewCertificate,
  resendValidationEmail,
  updateCertificateOptions,
} from "./certificates.ts";
import { validationException } from "./errors.ts";
import { importCertificate } from "./import-certificate.ts";
import { listCertificates } from "./list-certificates.ts";
import { requestCertificate } from "./request-certificate.ts";

export const operations = {
  AddTagsToCertificate: addTagsToCertificate,
  DeleteCertificate: deleteCertificate,
  DescribeCertificate: describeCertificate,
  GetCertificate: getCertificate,
  ImportCertificate: importCertificate,
  ListCertificates: listCertificates,
  ListTagsForCertificate: listTagsForCertificate,
  RemoveTagsFromCertificate: removeTagsFromCertificate,
  RenewCertificate: renewCertificate,
  RequestCertificate: requestCertificate,
  ResendValidationEmail: resendValidationEmail,
  UpdateCertificateOptions: updateCertificateOptions,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return new CodedError("SerializationException", fault.message);
    return validationException(constraintViolation(null, memberPath(fault.member), NOT_NULL));
  },
};
