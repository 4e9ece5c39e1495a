/** The host's own table: the host may call public addresses, and nothing of Berth's reaches or crosses the host. */
export function renderHostFirewall(table: string, link: string): string {
  return `add table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "${link}" ct state established,related accept
    iifname "${link}" meta l4proto icmp accept
    iifname "${link}" drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${link}" drop
    oifname "${link}" drop
  }
}
`;
}
