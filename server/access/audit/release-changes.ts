import type { CatalogWriter } from '../../catalog/catalog.ts'
import type { AuditState, NoteChange } from './audited-change.ts'

/** Takes down what happens to releases. */
export function releaseChanges(writer: CatalogWriter, note: NoteChange) {
  const outlineOf = async (model: string, number: number): Promise<AuditState> => {
    const found = await writer.findReleaseSummary(model, number)
    return found === undefined ? null : { release: number, digest: found.digest, filename: found.filename }
  }
  return {
    insertRelease: async (...args) => {
      const made = await writer.insertRelease(...args)
      const { model, number, digest, size, filename, publishedBy: by, signature } = made
      const after = { release: number, digest, size, filename, ...(signature === null ? {} : { signature }) }
      note({ action: 'release.published', model, before: null, after, by })
      return made
    },
    updateNotes: async (...args) => {
      const [model, number, notes] = args
      const found = await writer.findReleaseSummary(model, number)
      await writer.updateNotes(...args)
      const before = { release: number, notes: found?.notes ?? '' }
      note({ action: 'release.edited', model, before, after: { release: number, notes } })
    },
    replaceSignature: async (...args) => {
      const [model, number, signed] = args
      const found = await writer.findReleaseSummary(model, number)
      await writer.replaceSignature(...args)
      const before = { release: number, signature: found?.signature ?? null }
      note({
        action: 'release.signed',
        model,
        before,
        after: { release: number, signature: signed.signature },
      })
    },
    deleteRelease: async (...args) => {
      const [model, number] = args
      const before = await outlineOf(model, number)
      await writer.deleteRelease(...args)
      note({ action: 'release.deleted', model, before, after: null })
    },
    deleteReleases: async (...args) => {
      const [model, numbers] = args
      const gone: AuditState[] = []
      for (const number of numbers) gone.push(await outlineOf(model, number))
      await writer.deleteReleases(...args)
      for (const before of gone) {
        if (before !== null) note({ action: 'release.deleted', model, before, after: null })
      }
    },
    quarantine: async (...args) => {
      const [model, digest, why] = args
      await writer.quarantine(...args)
      note({ action: 'release.quarantined', model, before: null, after: { digest, reason: why.reason } })
    },
    endQuarantine: async (...args) => {
      const [model, digest] = args
      const found = await writer.findQuarantine(model, digest)
      await writer.endQuarantine(...args)
      if (found === undefined) return
      const before = { digest, reason: found.reason }
      note({ action: 'release.unquarantined', model, before, after: null })
    },
  } satisfies Partial<CatalogWriter>
}
