import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ArchiveJudge } from './archive-judge.ts'
import { judgeMatrix, readMatrix } from './matrix.ts'

/**
 * Copies the trained archives into test/fixtures, with what Rasa makes of each and of its mutations, so that
 * scripts/test can compare without a Rasa. To be run after a change of pipelines.py or of the mutations.
 *
 * usage: record-verdicts-program.ts RASA_FOLDER ARCHIVES [PIPELINE…]
 */
const [rasaFolder = '', archives = '', ...pipelines] = process.argv.slice(2)
const fixtures = path.resolve(import.meta.dirname, '../../fixtures/archives/matrix')

/** All of them together stay below 600 kB. */
const LARGEST = 40_000

const judge = await ArchiveJudge.open(
  path.join(rasaFolder, 'bin/python'),
  path.join(archives, 'judgements.json'),
)
const entries = await readMatrix(archives, pipelines.length > 0 ? pipelines : undefined)
await rm(fixtures, { recursive: true, force: true })
await mkdir(fixtures, { recursive: true })
const table: Record<string, Record<string, string>> = {}
for (const { pipeline, mutation = 'as it was trained', verdict } of await judgeMatrix(entries, judge)) {
  const file = path.join(archives, `${pipeline}.tar.gz`)
  if ((await stat(file)).size > LARGEST) continue
  if (!(pipeline in table)) await copyFile(file, path.join(fixtures, `${pipeline}.tar.gz`))
  const row = (table[pipeline] ??= {})
  row[mutation] = verdict
}
await writeFile(path.join(fixtures, 'verdicts.json'), `${JSON.stringify(table, null, 2)}\n`)
