/** Who an access key stands for. */

export type Principal =
  /** Whoever runs this Berth: any key that Berth did not issue. Nothing restricts them. */
  | { readonly kind: "operator" }
  | { readonly kind: "user"; readonly userName: string }
  /** Temporary credentials, by their access key. */
  | { readonly kind: "session"; readonly accessKeyId: string };

/** The IAM user that the operator's keys belong to. */
export const OPERATOR_USER = "berth";
