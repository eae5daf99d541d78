import type { CatalogWriter } from '../../catalog/catalog.ts'
import type { NoteChange } from './audited-change.ts'

/** Takes down what happens to tags and their policies. */
export function tagChanges(writer: CatalogWriter, note: NoteChange) {
  return {
    moveTag: async (...args) => {
      const [model, tag, to, circumstances] = args
      const move = await writer.moveTag(...args)
      const { movedBy: by, reason } = circumstances
      const before = move.from === null ? null : { release: move.from }
      const after = to === null ? null : { release: to, reason }
      note({ action: to === null ? 'tag.deleted' : 'tag.moved', model, tag, before, after, by })
      return move
    },
    setTagPolicy: async (...args) => {
      const [model, tag, policy] = args
      const all = await writer.listTagPolicies(model)
      const before = all.find((each) => each.tag === tag)?.policy ?? null
      await writer.setTagPolicy(...args)
      const states = { before: before && { ...before }, after: policy && { ...policy } }
      note({ action: 'policy.changed', model, tag, ...states })
    },
  } satisfies Partial<CatalogWriter>
}
