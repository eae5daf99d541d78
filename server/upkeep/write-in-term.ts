import type { Catalog } from '../catalog/catalog.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import { DomainError } from '../errors/errors.ts'

/** A catalog for what the housekeeper does: each write makes sure that no other server is it, and rejects, with nothing changed, where one is. */
export function writeInTerm(catalog: Catalog, housekeeping: Housekeeping): Catalog {
  const inTerm = (): Catalog => {
    const { term } = housekeeping
    if (term === undefined)
      throw new DomainError('catalog-unavailable', 'Another server does this now. Nothing was changed.')
    return term.fence(catalog)
  }
  return {
    ...catalog,
    write: async (model, work) => await inTerm().write(model, work),
    writeShared: async (work) => await inTerm().writeShared(work),
    writeEveryModel: async (work) => await inTerm().writeEveryModel(work),
  }
}
