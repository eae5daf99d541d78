import type { Catalog, CatalogWriter } from './catalog.ts'

/**
 * What is done around each write of a catalog: `run` makes the write with the work that it is given, which is `work` or does more than
 * that.
 */
export type AroundWrite = <Result>(
  run: (work: WriterWork<Result>) => Promise<Result>,
  work: WriterWork<Result>,
) => Promise<Result>

type WriterWork<Result> = (writer: CatalogWriter) => Promise<Result>

/** The same catalog, with something done around each of its writes, whatever they are about. */
export function aroundWrites(catalog: Catalog, around: AroundWrite): Catalog {
  return {
    ...catalog,
    write: (model, work) => around((inner) => catalog.write(model, inner), work),
    writeEveryModel: (work) => around((inner) => catalog.writeEveryModel(inner), work),
    // What a shared write may do is a part of what every write may.
    writeShared: (work) =>
      around((inner) => catalog.writeShared((writer) => inner(writer as CatalogWriter)), work),
  }
}
