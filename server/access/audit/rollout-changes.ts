import type { CatalogWriter } from '../../catalog/catalog.ts'
import type { NoteChange } from './audited-change.ts'
import type { RolloutStates } from './rollout-states.ts'

/** Takes down where rollouts go, and why. */
export function rolloutChanges(writer: CatalogWriter, states: RolloutStates, note: NoteChange) {
  return {
    reserveRollout: async (...args) => {
      const id = await writer.reserveRollout(...args)
      states.noteReserved(id)
      return id
    },
    saveRollout: async (...args) => {
      const [rollout] = args
      const { id, model, tag, state, step, to, reason, startedBy } = rollout
      const before = await states.find(id, () => writer.findRollout(model, id))
      await writer.saveRollout(...args)
      // What is saved all the time is what bots did meanwhile.
      if (before?.state === state && before.step === step) return
      states.noteSaved(rollout)
      const after = { rollout: id, state, step, release: to.release, reason }
      const change = { action: 'rollout.changed', model, tag, before: before && { ...before }, after }
      note(before === null ? { ...change, by: startedBy } : change)
    },
  } satisfies Partial<CatalogWriter>
}
