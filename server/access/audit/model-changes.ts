import type { CatalogWriter } from '../../catalog/catalog.ts'
import type { NoteChange } from './audited-change.ts'

/** Takes down what happens to models. */
export function modelChanges(writer: CatalogWriter, note: NoteChange) {
  return {
    deleteModel: async (...args) => {
      const [model] = args
      const found = await writer.findModel(model)
      await writer.deleteModel(...args)
      const before = found && { defaultTag: found.defaultTag, nextNumber: found.nextNumber }
      note({ action: 'model.deleted', model, before: before ?? null, after: null })
    },
    setSignatures: async (...args) => {
      const [model, policy] = args
      const found = await writer.findModel(model)
      await writer.setSignatures(...args)
      const before = { signatures: found?.signatures ?? null }
      note({ action: 'model.changed', model, before, after: { signatures: policy } })
    },
    setQuota: async (...args) => {
      const [model, quota] = args
      const found = await writer.findModel(model)
      await writer.setQuota(...args)
      const before = { quota: found?.quota ?? null }
      note({ action: 'model.changed', model, before, after: { quota } })
    },
    setDefaultTag: async (...args) => {
      const [model, tag] = args
      const found = await writer.findModel(model)
      await writer.setDefaultTag(...args)
      const before = { defaultTag: found?.defaultTag ?? null }
      note({ action: 'model.changed', model, before, after: { defaultTag: tag } })
    },
  } satisfies Partial<CatalogWriter>
}
