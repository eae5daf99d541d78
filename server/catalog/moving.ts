import { DomainError } from '../errors/errors.ts'

/** The catalog takes no writes, as it is being moved, or was. */
export class CatalogMoving extends DomainError {
  /** @param to Where, for people: a data directory, or a database without its password. */
  constructor(to: string, isMoved: boolean) {
    super('catalog-unavailable', isMoved ? movedSentence(to) : movingSentence(to))
  }
}

function movingSentence(to: string): string {
  return (
    `The catalog is being moved to ${to} (slipway migrate). Bots go on with what is known; nothing can be changed until that has ended. ` +
    'Where it was interrupted, changes are taken again after 15 s.'
  )
}

function movedSentence(to: string): string {
  const settings = to.includes('://') ? 'that DATABASE_URL' : 'that DATA_DIR, and without DATABASE_URL'
  return (
    `The catalog was moved to ${to}. Bots go on with what was known then; nothing can be changed here any more: start the server with ` +
    `${settings}. Where the move was interrupted, run slipway migrate again.`
  )
}
