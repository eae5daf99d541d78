import type { CatalogWriter } from './catalog.ts'

/**
 * Keeps a write to the model that it claimed. Where each model has a lock of its own, a change of another would be made
 * without any.
 */
export function limitToModel(writer: CatalogWriter, claimed: string): CatalogWriter {
  const limited = async <Result>(model: string, change: () => Promise<Result>): Promise<Result> => {
    if (model !== claimed) throw new Error(`A write of model "${claimed}" must not change "${model}"`)
    return change()
  }
  return {
    ...writer,
    ensureModel: (model, createdAt) => limited(model, () => writer.ensureModel(model, createdAt)),
    setDefaultTag: (model, tag) => limited(model, () => writer.setDefaultTag(model, tag)),
    deleteModel: (model) => limited(model, () => writer.deleteModel(model)),
    setSignatures: (model, policy) => limited(model, () => writer.setSignatures(model, policy)),
    setQuota: (model, quota) => limited(model, () => writer.setQuota(model, quota)),
    insertRelease: (release, bundle) => limited(release.model, () => writer.insertRelease(release, bundle)),
    restoreRelease: (release, bundle) => limited(release.model, () => writer.restoreRelease(release, bundle)),
    replaceSignature: (model, number, signed) =>
      limited(model, () => writer.replaceSignature(model, number, signed)),
    raiseNextNumber: (model, next) => limited(model, () => writer.raiseNextNumber(model, next)),
    updateNotes: (model, number, notes) => limited(model, () => writer.updateNotes(model, number, notes)),
    deleteRelease: (model, number) => limited(model, () => writer.deleteRelease(model, number)),
    deleteReleases: (model, numbers) => limited(model, () => writer.deleteReleases(model, numbers)),
    moveTag: (model, tag, to, by) => limited(model, () => writer.moveTag(model, tag, to, by)),
    reserveRollout: (model, tag, at) => limited(model, () => writer.reserveRollout(model, tag, at)),
    saveRollout: (rollout) => limited(rollout.model, () => writer.saveRollout(rollout)),
    quarantine: (model, digest, why) => limited(model, () => writer.quarantine(model, digest, why)),
    endQuarantine: (model, digest) => limited(model, () => writer.endQuarantine(model, digest)),
    setTagPolicy: (model, tag, policy) => limited(model, () => writer.setTagPolicy(model, tag, policy)),
    skipNumbers: async () => {
      throw new Error('Numbers are skipped in every model: use writeEveryModel')
    },
  }
}
