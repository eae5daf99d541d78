import type { Catalog } from './catalog.ts'
import type { DomainError } from '../errors/errors.ts'

/**
 * Stands in for a catalog that cannot be used: every question and every write is refused for the same reason. It has no keys of its
 * own, so that no catalog can be made of it by spreading.
 */
export function unavailableCatalog(reason: DomainError): Catalog {
  const refuse = () => Promise.reject(reason)
  return new Proxy({} as Catalog, {
    get: (_target, name) => (name === 'close' ? () => Promise.resolve() : refuse),
  })
}
