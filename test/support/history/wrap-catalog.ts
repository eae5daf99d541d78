import { setTimeout as delay } from 'node:timers/promises'
import type { Catalog, CatalogWriter, SharedWriter } from '../../../server/catalog/catalog.ts'
import { HOUSEKEEPER_LEASE } from '../../../server/catalog/leases.ts'
import type { TermWrite } from './housekeeping-terms.ts'

/** A catalog in each of whose writes `change` stands in for a part of the writer. */
export function changeWriters(
  catalog: Catalog,
  change: (writer: SharedWriter) => Partial<CatalogWriter>,
): Catalog {
  const changed = <Writer extends SharedWriter>(writer: Writer): Writer => ({ ...writer, ...change(writer) })
  return {
    ...catalog,
    write: (model, work) => catalog.write(model, (writer) => work(changed(writer))),
    writeShared: (work) => catalog.writeShared((writer) => work(changed(writer))),
    writeEveryModel: (work) => catalog.writeEveryModel((writer) => work(changed(writer))),
  }
}

/**
 * A fault: no write has its model to itself. Moves of tags take their time between looking and writing: without that two would meet by chance
 * only.
 */
export function withoutLock(catalog: Catalog): Catalog {
  return {
    ...catalog,
    write: (_model, work) =>
      catalog.writeShared((shared) => {
        // It is the same writer: the port only does not say so.
        const writer = shared as CatalogWriter
        return work({
          ...writer,
          moveTag: async (model, tag, to, circumstances) => {
            await delay(250)
            return writer.moveTag(model, tag, to, circumstances)
          },
        })
      }),
  }
}

/** A fault: no write of a housekeeper makes sure of its term. */
export function withoutEpoch(catalog: Catalog): Catalog {
  return changeWriters(catalog, () => ({ requireLease: () => Promise.resolve() }))
}

/** A housekeeper that, while it sleeps, does not learn that its lease has ended, as a process does that was stopped. */
export function sleepyHousekeeper(catalog: Catalog, sleeps: () => boolean): Catalog {
  let last: number | undefined
  return changeWriters(catalog, (writer) => ({
    async holdLease(name, holder, milliseconds) {
      if (name !== HOUSEKEEPER_LEASE) return writer.holdLease(name, holder, milliseconds)
      return sleeps() ? last : (last = await writer.holdLease(name, holder, milliseconds))
    },
  }))
}

/** Notes each write that a server makes as the housekeeper. */
export function noteTerms(server: string, writes: TermWrite[], catalog: Catalog): Catalog {
  const noted = async <Result>(
    write: (note: (epoch: number) => void) => Promise<Result>,
  ): Promise<Result> => {
    const asked = performance.now()
    let epoch: number | undefined
    const result = await write((of) => (epoch = of))
    if (epoch !== undefined) writes.push({ server, epoch, asked, answered: performance.now() })
    return result
  }
  const noting = <Writer extends SharedWriter>(writer: Writer, note: (epoch: number) => void): Writer => ({
    ...writer,
    async requireLease(name, holder, epoch) {
      await writer.requireLease(name, holder, epoch)
      if (name === HOUSEKEEPER_LEASE) note(epoch)
    },
  })
  return {
    ...catalog,
    write: (model, work) => noted((note) => catalog.write(model, (writer) => work(noting(writer, note)))),
    writeShared: (work) => noted((note) => catalog.writeShared((writer) => work(noting(writer, note)))),
    writeEveryModel: (work) =>
      noted((note) => catalog.writeEveryModel((writer) => work(noting(writer, note)))),
  }
}
