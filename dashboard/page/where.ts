/** Which page is asked for. */
export interface Where {
  /** What the address names, decoded: `{model: 'shop'}`. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
}
