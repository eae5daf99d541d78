import { readdir } from 'node:fs/promises'
import { expect } from 'chai'
import { runSlipway } from '../../support/run-slipway.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('slipway demo', function () {
  this.timeout(120_000)

  it('brings a good release out, has a bad one taken back, tells of it, and leaves nothing behind', async () => {
    const folder = await temporaryDirectory()
    const { code, out, error } = await runSlipway(['demo', '--json'], { env: { TMPDIR: folder } })
    expect([code, error]).to.deep.equal([0, ''])
    const told = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text)
    expect(told).to.include('bot-1, bot-2 and bot-3 polled, loaded release 1, and run it')
    expect(told).to.include('Every bot was seen running release 2: the rollout is done')
    const verdict = told.find((text) => text.startsWith('Slipway takes it back')) ?? ''
    expect(verdict).to.match(
      /1 of 1 bots could not load release 3 \(bot-\d: 3 failed loads\), 0 run it: back to 2$/,
    )
    const spared = told.find((text) => text.includes('were never sent release 3')) ?? ''
    expect(spared).to.match(/^All run release 2; bot-\d and bot-\d were never sent release 3$/)
    expect(await demoFolders(folder)).to.deep.equal([])
  })

  it('ends its server and removes its folder on Ctrl-C', async () => {
    const folder = await temporaryDirectory()
    const options = { env: { TMPDIR: folder }, endAfter: 'Release 2 is published', signal: 'SIGINT' as const }
    const { code } = await runSlipway(['demo'], options)
    expect([code, await demoFolders(folder)]).to.deep.equal([130, []])
  })
})

/** Node keeps compiled code in the same place. */
async function demoFolders(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('slipway-demo-'))
}
