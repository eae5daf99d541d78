/** An answer with the database that gave it: both are of one moment, as one statement read them. */
export interface Answer {
  /**
   * Another database, to which servers are failed over, may lack the last changes, and give their numbers again to others. Empty where the
   * catalog is in a file. Undefined: a standby answered, which is behind, and may take in yet what it lacks.
   */
  readonly database: string | undefined
}

/** The numbers of the last changes of models. */
export interface Revisions extends Answer {
  readonly revisions: readonly { readonly model: string; readonly revision: number }[]
}
