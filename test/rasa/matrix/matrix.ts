import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { ARCHIVE_MUTATIONS } from '../../support/archive-mutations.ts'
import { verdictOf, type ArchiveJudge } from './archive-judge.ts'

/** What Rasa makes of an archive; see verdictOf. */
export type Verdict = ReturnType<typeof verdictOf>

/** One archive of the matrix: trained, or trained and then changed. */
export interface MatrixEntry {
  /** Its pipeline. */
  pipeline: string
  /** How it was changed; absent for what was trained. */
  mutation?: string
  /** Whether what was trained is all there. */
  harmless: boolean
  archive: Uint8Array
}

/** What Rasa makes of an entry. */
export interface JudgedEntry extends MatrixEntry {
  verdict: Verdict
}

/** Every archive in the folder, as it was trained and in every mutation. */
export async function readMatrix(folder: string, pipelines?: readonly string[]): Promise<MatrixEntry[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz')).toSorted()
  const entries = await Promise.all(
    files.map(async (file): Promise<MatrixEntry[]> => {
      const pipeline = file.slice(0, -'.tar.gz'.length)
      if (pipelines && !pipelines.includes(pipeline)) return []
      const archive = await readFile(path.join(folder, file))
      return [{ pipeline, harmless: true, archive }, ...mutationsOf(pipeline, archive)]
    }),
  )
  return entries.flat()
}

function mutationsOf(pipeline: string, trained: Uint8Array): MatrixEntry[] {
  return ARCHIVE_MUTATIONS.flatMap(({ name, harmless, ...mutation }) => {
    const archive = mutation.apply(trained)
    return archive ? [{ pipeline, mutation: name, harmless, archive }] : []
  })
}

/** Asks Rasa about every entry. */
export async function judgeMatrix(
  entries: readonly MatrixEntry[],
  judge: ArchiveJudge,
): Promise<JudgedEntry[]> {
  await judge.prepare(entries.map(({ archive }) => archive))
  const trained = new Map(
    entries
      .filter(({ mutation }) => mutation === undefined)
      .map(({ pipeline, archive }) => [pipeline, judge.judgementOf(archive)]),
  )
  return entries.map((entry) => {
    const judgement = judge.judgementOf(entry.archive)
    return { ...entry, verdict: verdictOf(judgement, trained.get(entry.pipeline) ?? judgement) }
  })
}
