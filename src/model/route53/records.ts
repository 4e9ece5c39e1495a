/** Route 53's nouns. Global per account: no region. */
import type { Tag } from "../tags.ts";

export interface HostedZone {
  /** `Z…`, without the `/hostedzone/` prefix. */
  readonly id: string;
  readonly account: string;
  /** Lower case, with the trailing dot. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string | undefined;
  readonly privateZone: boolean;
  /** Private zones only. */
  readonly vpcs: readonly { readonly vpcId: string; readonly region: string }[];
  readonly nameServers: readonly string[];
  readonly delegationSetId?: string | undefined;
  /** Zones of Cloud Map: users can change neither them nor their records. */
  readonly linkedService?: { readonly servicePrincipal: string; readonly description: string } | undefined;
  readonly tags: readonly Tag[];
}

/** A stored record set: key `<zone id>|<name>|<type>|<set identifier>`. Cloud Map's are derived, not stored. */
export interface RecordSet {
  readonly zoneId: string;
  /** Lower case, unescaped (`*` is `*`), with the trailing dot. */
  readonly name: string;
  readonly type: string;
  readonly setIdentifier?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly values: readonly string[];
  readonly aliasTarget?:
    | { readonly hostedZoneId: string; readonly dnsName: string; readonly evaluateTargetHealth: boolean }
    | undefined;
  readonly weight?: number | undefined;
  readonly multiValueAnswer?: boolean | undefined;
  readonly region?: string | undefined;
  readonly failover?: string | undefined;
  readonly geoLocation?:
    | {
        readonly continentCode?: string | undefined;
        readonly countryCode?: string | undefined;
        readonly subdivisionCode?: string | undefined;
      }
    | undefined;
  readonly healthCheckId?: string | undefined;
}

export interface ZoneChange {
  /** `C…`, without the `/change/` prefix. */
  readonly id: string;
  readonly account: string;
  readonly submittedAt: number;
  readonly comment?: string | undefined;
}
