/**
 * Predefined security policies: protocols and ciphers that a listener offers to clients. From "Security policies
 * for your Application Load Balancer" in the Elastic Load Balancing user guide.
 */
export interface SslPolicy {
  readonly name: string;
  readonly protocols: readonly TlsProtocol[];
  /** In OpenSSL's names, in the order of preference. */
  readonly ciphers: readonly string[];
}

export type TlsProtocol = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What CreateListener and ModifyListener take when the caller names none. */
export const DEFAULT_SSL_POLICY = "ELBSecurityPolicy-2016-08";

type CipherFamily =
  | "tls13"
  | "ecdhe-gcm"
  | "ecdhe-sha2"
  | "ecdhe-sha"
  | "rsa-gcm-sha2"
  | "rsa-sha"
  | "triple-des";

/** The order in which AWS lists them; each policy is a selection of families. */
const CIPHERS: readonly (readonly [name: string, family: CipherFamily])[] = [
  ["TLS_AES_128_GCM_SHA256", "tls13"],
  ["TLS_AES_256_GCM_SHA384", "tls13"],
  ["TLS_CHACHA20_POLY1305_SHA256", "tls13"],
  ["ECDHE-ECDSA-AES128-GCM-SHA256", "ecdhe-gcm"],
  ["ECDHE-RSA-AES128-GCM-SHA256", "ecdhe-gcm"],
  ["ECDHE-ECDSA-AES128-SHA256", "ecdhe-sha2"],
  ["ECDHE-RSA-AES128-SHA256", "ecdhe-sha2"],
  ["ECDHE-ECDSA-AES128-SHA", "ecdhe-sha"],
  ["ECDHE-RSA-AES128-SHA", "ecdhe-sha"],
  ["ECDHE-ECDSA-AES256-GCM-SHA384", "ecdhe-gcm"],
  ["ECDHE-RSA-AES256-GCM-SHA384", "ecdhe-gcm"],
  ["ECDHE-ECDSA-AES256-SHA384", "ecdhe-sha2"],
  ["ECDHE-RSA-AES256-SHA384", "ecdhe-sha2"],
  ["ECDHE-RSA-AES256-SHA", "ecdhe-sha"],
  ["ECDHE-ECDSA-AES256-SHA", "ecdhe-sha"],
  ["AES128-GCM-SHA256", "rsa-gcm-sha2"],
  ["AES128-SHA256", "rsa-gcm-sha2"],
  ["AES128-SHA", "rsa-sha"],
  ["AES256-GCM-SHA384", "rsa-gcm-sha2"],
  ["AES256-SHA256", "rsa-gcm-sha2"],
  ["AES256-SHA", "rsa-sha"],
  ["DES-CBC3-SHA", "triple-des"],
];

const TLS_1_0_TO_1_2 = ["TLSv1", "TLSv1.1", "TLSv1.2"] as const;
const TLS_1_1_TO_1_2 = ["TLSv1.1", "TLSv1.2"] as const;
const TLS_1_2 = ["TLSv1.2"] as const;
const TLS_1_3 = ["TLSv1.3"] as const;

const ECDHE_STRONG = ["ecdhe-gcm", "ecdhe-sha2"] as const;
const ECDHE = [...ECDHE_STRONG, "ecdhe-sha"] as const;
const ALL = [...ECDHE, "rsa-gcm-sha2", "rsa-sha"] as const;

function policy(
  name: string,
  protocols: readonly TlsProtocol[],
  families: readonly CipherFamily[],
): SslPolicy {
  return {
    name: `ELBSecurityPolicy-${name}`,
    protocols,
    ciphers: CIPHERS.filter(([, family]) => families.includes(family)).map(([cipher]) => cipher),
  };
}

export const SSL_POLICIES: readonly SslPolicy[] = [
  policy("2016-08", TLS_1_0_TO_1_2, ALL),
  policy("TLS13-1-2-2021-06", [...TLS_1_2, ...TLS_1_3], ["tls13", ...ECDHE_STRONG]),
  policy("TLS13-1-2-Res-2021-06", [...TLS_1_2, ...TLS_1_3], ["tls13", "ecdhe-gcm"]),
  policy("TLS13-1-2-Ext1-2021-06", [...TLS_1_2, ...TLS_1_3], ["tls13", ...ECDHE_STRONG, "rsa-gcm-sha2"]),
  policy("TLS13-1-2-Ext2-2021-06", [...TLS_1_2, ...TLS_1_3], ["tls13", ...ALL]),
  policy("TLS13-1-1-2021-06", [...TLS_1_1_TO_1_2, ...TLS_1_3], ["tls13", ...ALL]),
  policy("TLS13-1-0-2021-06", [...TLS_1_0_TO_1_2, ...TLS_1_3], ["tls13", ...ALL]),
  policy("TLS13-1-3-2021-06", TLS_1_3, ["tls13"]),
  policy("TLS-1-2-2017-01", TLS_1_2, [...ECDHE_STRONG, "rsa-gcm-sha2"]),
  policy("TLS-1-1-2017-01", TLS_1_1_TO_1_2, ALL),
  policy("TLS-1-2-Ext-2018-06", TLS_1_2, ALL),
  policy("FS-2018-06", TLS_1_0_TO_1_2, ECDHE),
  policy("FS-1-1-2019-08", TLS_1_1_TO_1_2, ECDHE),
  policy("FS-1-2-2019-08", TLS_1_2, ECDHE),
  policy("FS-1-2-Res-2019-08", TLS_1_2, ECDHE_STRONG),
  policy("FS-1-2-Res-2020-10", TLS_1_2, ["ecdhe-gcm"]),
  policy("TLS-1-0-2015-04", TLS_1_0_TO_1_2, [...ALL, "triple-des"]),
  policy("2015-05", TLS_1_0_TO_1_2, ALL),
];

export function findSslPolicy(name: string): SslPolicy | undefined {
  return SSL_POLICIES.find((candidate) => candidate.name === name);
}
