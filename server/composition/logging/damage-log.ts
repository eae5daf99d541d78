import type { Logger } from 'pino'
import type { DamageListener } from '../../blobs/local-damage-register.ts'
import type { Catalog } from '../../catalog/catalog.ts'

/**
 * Writes damage of blobs to the log and to the catalog, which knows of it after the next start. Where the catalog takes
 * no writes memory alone knows: the next start finds the damage again when the blob is first sent.
 */
export function damageLog(catalog: Catalog, logger: Logger): DamageListener {
  const keep = async (write: Promise<void>): Promise<void> => {
    await write.catch((error: unknown) => {
      logger.error({ err: error }, 'damage_not_recorded')
    })
  }
  return {
    async damaged(blob) {
      const { digest, kind } = blob
      logger.error({ digest, kind }, 'blob_quarantined')
      const event = { model: null, tag: null, bot: null, process: null, body: { digest, kind } }
      await keep(
        catalog.writeShared(async (writer) => {
          await writer.rememberDamagedBlob(blob)
          await writer.addEvents([{ at: Date.parse(blob.damagedAt), kind: 'blob.damaged', ...event }])
        }),
      )
    },
    async healed(digest) {
      logger.info({ digest }, 'blob_healed')
      await keep(catalog.writeShared((writer) => writer.forgetDamagedBlob(digest)))
    },
  }
}
