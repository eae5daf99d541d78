import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive, type ArchiveOptions } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { runSlipway, type Ran } from '../../support/run-slipway.ts'
import { aServer } from '../../support/server-under-test.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const FIRST: ArchiveOptions = {
  metadata: { domain: { intents: ['hello', 'thanks'], responses: { utter_hello: [{ text: 'Hello' }] } } },
}
const SECOND: ArchiveOptions = {
  metadata: { domain: { intents: ['hello', 'pay'], responses: { utter_hello: [{ text: 'Good morning' }] } } },
}

/** A server with two releases of `shop`, of which production has the first. */
async function twoReleases(): Promise<(...args: string[]) => Promise<Ran>> {
  const { url, publish } = await aServer()
  await publish(anArchive(FIRST), { query: 'tag=production&notes=the%20first' })
  await publish(anArchive(SECOND))
  return (...args) => callSlipway(args, { env: { SLIPWAY_URL: url } })
}

async function archiveFile(options: ArchiveOptions): Promise<string> {
  const file = path.join(await temporaryDirectory(), 'new.tar.gz')
  await writeFile(file, anArchive(options))
  return file
}

describe('slipway show', function () {
  this.timeout(30_000)

  it('says what a release is, by whom, with which tags, and what it names', async () => {
    const slipway = await twoReleases()
    const { code, out, error } = await slipway('show', 'shop@production')
    expect(code, error).to.equal(0)
    expect(out.split('\n')[0]).to.equal('shop#1')
    for (const line of [
      /^published {3}\S+ \S+Z \(\d+ s ago\) by anonymous$/m,
      /^notes {7}the first$/m,
      /^tags {8}production$/m,
      /^run by {6}no bot$/m,
      /^trained {5}2026-11-23 08:45:15Z, by Rasa 3\.6\.21, language en, NLU and Core$/m,
      /^pipeline {4}1: KeywordIntentClassifier$/m,
      /^intents {5}2: hello, thanks$/m,
    ])
      expect(out).to.match(line)
  })

  it('shows what the default tag points at, a release by its number, and JSON with all of it', async () => {
    const slipway = await twoReleases()
    expect((await slipway('show', 'shop')).out).to.match(/^shop#2\n/)
    const { out } = await slipway('show', 'shop#1', '--json')
    expect(JSON.parse(out)).to.deep.include({ number: 1, tags: ['production'], bots: [], warnings: [] })
  })

  it('shows a file without a server, with what it needs besides', async () => {
    const node = {
      needs: {},
      uses: 'my.module.Classifier',
      constructor_name: 'load',
      fn: 'process',
      config: {},
      eager: true,
      is_target: false,
      is_input: false,
      resource: null,
    }
    const domain = { uses: 'rasa.graph_components.providers.domain_provider.DomainProvider' }
    const file = await archiveFile({
      metadata: {
        predict_schema: {
          nodes: { run_Classifier0: node, domain_provider: { ...node, ...domain } },
        },
      },
    })
    const { code, out, error } = await callSlipway(['show', file], {
      env: { SLIPWAY_URL: 'http://127.0.0.1:1' },
    })
    expect(code, error).to.equal(0)
    expect(out).to.match(/^warning: my\.module\.Classifier is not part of Rasa/m)
  })

  it('fits 80 columns, but for what has no space in it', async () => {
    const intents = Array.from({ length: 40 }, (_, index) => `intent_number_${index}`)
    const file = await archiveFile({ metadata: { domain: { intents } } })
    const { out } = await callSlipway(['show', file])
    const long = out.split('\n').filter((line) => line.length > 80 && line.includes(' '))
    expect(long).to.deep.equal([file].filter((line) => line.length > 80))
    expect(out).to.include('40: intent_number_0,').and.include('and 20 more')
    expect((await callSlipway(['show', file, '--all'])).out).to.not.include('more')
  })

  it('ends with 9 for a release that is not there, 2 for what names none, 4 for a file that is no archive', async () => {
    const slipway = await twoReleases()
    expect((await slipway('show', 'shop#9')).code).to.equal(9)
    expect((await slipway('show', 'Shop#1')).code).to.equal(2)
    const file = path.join(await temporaryDirectory(), 'no.tar.gz')
    await writeFile(file, 'no archive')
    expect((await slipway('show', file)).code).to.equal(4)
    expect((await slipway('show', './none')).code).to.equal(3)
  })
})

describe('slipway diff', function () {
  this.timeout(30_000)

  it('says what was added, removed and changed between two releases', async () => {
    const slipway = await twoReleases()
    const { code, out, error } = await slipway('diff', 'shop@production', 'shop@latest')
    expect(code, error).to.equal(0)
    expect(out)
      .to.match(/^shop#1 → shop#2\n/)
      .and.match(/^intents {7}2\n {2}\+ pay\n {2}- thanks\n/m)
      .and.match(/^responses {5}1\n {2}~ utter_hello\n {6}- - text: Hello\n {6}\+ - text: Good morning$/m)
    expect(out).to.not.include('pipeline')
  })

  it('takes a bare number for a release of the same model, and a file', async () => {
    const slipway = await twoReleases()
    expect((await slipway('diff', 'shop#2', '1')).out).to.match(/^shop#2 → shop#1\n/)
    const file = await archiveFile(SECOND)
    const { out } = await slipway('diff', 'shop#1', file, '--json')
    const found = JSON.parse(out) as { from: string; to: string; lists: Record<string, { added: string[] }> }
    expect([found.from, found.to, found.lists['intents']?.added]).to.deep.equal(['shop#1', file, ['pay']])
  })

  it('shows old and new lines also between a release and a file, and without a server between files', async () => {
    const slipway = await twoReleases()
    const [first, second] = [await archiveFile(FIRST), await archiveFile(SECOND)]
    for (const ran of [await slipway('diff', 'shop#1', second), await callSlipway(['diff', first, second])])
      expect(ran.out, ran.error).to.include('      - - text: Hello\n      + - text: Good morning')
  })

  it('is coloured only where it is asked to be, or on a terminal', async () => {
    const [from, to] = [await archiveFile(FIRST), await archiveFile(SECOND)]
    const coloured = await runSlipway(['diff', from, to], { env: { FORCE_COLOR: '1' } })
    expect(coloured.out).to.include('\u001b[32m  + pay\u001b[39m')
    expect((await callSlipway(['diff', from, to])).out).to.not.include('\u001b')
  })

  it('says so where nothing differs', async () => {
    const slipway = await twoReleases()
    expect((await slipway('diff', 'shop#1', 'shop#1')).out).to.include('the same bytes')
  })
})
