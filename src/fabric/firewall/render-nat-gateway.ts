/** The inside of a NAT gateway's namespace: everything that is sent through it leaves with its own address. */

/** Ports of translated connections (VPC user guide, "NAT gateway basics"). */
const PORTS = "1024-65535";

/** It takes no connections itself: what is addressed to it and answers nothing is dropped. */
export function renderNatGateway(): string {
  return `add table inet berth
delete table inet berth
table inet berth {
  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    meta nfproto ipv4 ct state vmap { established : accept, related : accept, new : accept }
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    meta l4proto { tcp, udp } masquerade to :${PORTS} fully-random
    masquerade
  }
}
`;
}
