import { aroundWrites } from '../../catalog/around-writes.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Clock } from '../../time/clock.ts'
import { currentActor } from './actor.ts'
import { appendChanges, type AuditedChange } from './audited-change.ts'
import { auditingWriter } from './auditing-writer.ts'
import { IssuedTokens } from './issued-tokens.ts'
import { RolloutStates } from './rollout-states.ts'

/** A catalog whose changes are audited in the transaction that makes them: both happen, or neither. */
export function auditedCatalog(catalog: Catalog, clock: Clock): Catalog {
  const rollouts = new RolloutStates()
  const issued = new IssuedTokens()

  return aroundWrites(catalog, async (run, work) => {
    let changed: RolloutStates | undefined
    const result = await run(async (writer) => {
      const changes: AuditedChange[] = []
      changed = new RolloutStates(rollouts)
      const result = await work(auditingWriter(writer, changed, issued, (change) => changes.push(change)))
      await appendChanges(writer, changes, currentActor(), clock.now())
      return result
    })
    changed?.commit()
    return result
  })
}
