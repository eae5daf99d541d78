/** Which proxies in front of the server say the truth about their clients. */
export type ProxyTrust =
  /** So many in a row, whoever they are. */
  | { hops: number }
  /** Those in these networks. */
  | { networks: readonly { address: string; prefix: number; family: 'ipv4' | 'ipv6' }[] }
