import type { Catalog } from '../../server/catalog/catalog.ts'

/** A catalog whose answers say that they are of that database; undefined: of a standby. */
export function answeredBy(database: string | undefined, catalog: Catalog): Catalog {
  // As it is now: what is returned may take its place.
  const before = { ...catalog }
  return {
    ...catalog,
    listRevisions: async () => ({ ...(await before.listRevisions()), database }),
    listFleetRevisions: async () => ({ ...(await before.listFleetRevisions()), database }),
    listTokensChangedAfter: async (revision) => ({
      ...(await before.listTokensChangedAfter(revision)),
      database,
    }),
  }
}

/** A catalog each of whose questions goes to the one that `choose` names then, as where a proxy splits reads. */
export function splitReads(choose: () => Catalog): Catalog {
  return new Proxy(choose(), { get: (_, name) => Reflect.get(choose(), name) as unknown })
}
