import { expect } from 'chai'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { skipTest } from '../support/skip-test.ts'
import { startChild } from './child.ts'
import { ArchiveJudge } from './matrix/archive-judge.ts'
import { judgeMatrix, readMatrix, type JudgedEntry } from './matrix/matrix.ts'
import { rasaFolder } from './rasa-folder.ts'
import { startSlipway } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'

/** What the server says of a published archive. */
interface Answer {
  refused: boolean
  warnings: number
  detail: string
}

describe('archives of every kind, judged by Rasa and by the server', function () {
  // Some thirty models are trained and a good thousand archives loaded the first time; later runs remember that.
  this.timeout(4 * 3600_000)

  const selection = process.env['RASA_PIPELINES'] ?? 'light'
  const judged: (JudgedEntry & { answer: Answer })[] = []

  before(async () => {
    const rasa = rasaFolder()
    const python = path.join(rasa, 'bin/python')
    const archives = `${rasa}-archives`
    await mkdir(archives, { recursive: true })
    const train = path.resolve(import.meta.dirname, 'matrix/train.py')
    const training = startChild('nice', ['-n', '15', python, train, archives, selection], {
      folder: archives,
      env: {},
    })
    await training.ended
    expect(training.exitCode(), training.output()).to.equal(0)
    const pipelines = [...training.output().matchAll(/^ready (\S+)$/gm)].map(([, name = '']) => name)
    const judge = await ArchiveJudge.open(python, path.join(archives, 'judgements.json'))
    const entries = await judgeMatrix(await readMatrix(archives, pipelines), judge)
    const server = await startSlipway(path.join(await suiteFolder(), 'server'))
    for (const entry of entries) {
      judged.push({ ...entry, answer: await publish(server.url, entry.archive) })
    }
  })
  after(endSuite)

  it('covers at least twenty pipelines and twelve ways to spoil an archive', function () {
    if (!['light', 'all'].includes(selection)) skipTest(this, `of ${selection} only`)
    expect(new Set(judged.map(({ pipeline }) => pipeline)).size).to.be.at.least(20)
    expect(new Set(judged.filter((entry) => !entry.harmless).map(({ mutation }) => mutation)).size)
      .to.be.at //
      .least(12)
  })

  it('loads every archive as it was trained', () => {
    expect(named(judged.filter((entry) => entry.mutation === undefined && entry.verdict !== 'sound'))).to.be
      .empty
  })

  it('refuses no sound archive', () => {
    const sound = judged.filter(({ harmless, verdict }) => harmless && verdict === 'sound')
    expect(named(sound.filter(({ answer }) => answer.refused))).to.be.empty
  })

  it('refuses every archive that cannot load', () => {
    const unloadable = judged.filter(({ verdict }) => verdict === 'unloadable')
    expect(named(unloadable.filter(({ answer }) => !answer.refused))).to.be.empty
  })

  it('refuses every archive with which all messages fail, or warns of it', () => {
    const unusable = judged.filter(({ verdict }) => verdict === 'unusable')
    expect(named(unusable.filter(({ answer }) => !answer.refused && answer.warnings === 0))).to.be.empty
  })
})

async function publish(server: string, archive: Uint8Array): Promise<Answer> {
  const answer = await fetch(`${server}/models/matrix`, { method: 'POST', body: Buffer.from(archive) })
  const body = (await answer.json()) as { archive?: { warnings: unknown[] }; detail?: string }
  expect(answer.status, body.detail).to.be.oneOf([200, 201, 422])
  return {
    refused: answer.status === 422,
    warnings: body.archive?.warnings.length ?? 0,
    detail: body.detail ?? '',
  }
}

/** The entries in words, for a message that says what is wrong. */
function named(entries: readonly (JudgedEntry & { answer: Answer })[]): string[] {
  return entries.map(
    ({ pipeline, mutation = 'as it was trained', answer }) => `${pipeline}, ${mutation}: ${answer.detail}`,
  )
}
