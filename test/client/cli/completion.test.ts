import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { fishCompletion } from '../../../client/cli/completion/fish.ts'
import { zshCompletion } from '../../../client/cli/completion/zsh.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('slipway completion', function () {
  this.timeout(30_000)

  /** What bash offers for the last of these words. */
  async function offered(...words: string[]): Promise<string[]> {
    const file = await scriptFor('bash')
    const program = [
      `source '${file}'`,
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
      `COMP_CWORD=${words.length - 1}`,
      '_slipway',
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('; ')
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', program])
    return stdout.split('\n').filter((line) => line !== '')
  }

  it('offers the commands, those of a command, its options, and what an option may be', async () => {
    expect(await offered('slipway', 'pro')).to.deep.equal(['promote'])
    expect(await offered('slipway', 'rollout', 'pa')).to.deep.equal(['pause'])
    expect(await offered('slipway', 'push', '--re')).to.deep.equal(['--remote-storage'])
    expect(await offered('slipway', 'bots', '--state', 'fa')).to.deep.equal(['failing'])
    expect(await offered('slipway', 'pull', '--to', '')).to.deep.equal([])
  })

  it('knows every command that the help names', async () => {
    const { out } = await callSlipway(['--help'])
    const commands = [...out.matchAll(/^ {2}([a-z-]+)[ [<]/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help')
    expect(await offered('slipway', '')).to.include.members(commands)
  })

  it('quotes descriptions for zsh and for fish', () => {
    const option = { flag: '--wait', description: "the bots' turn", takesValue: true, choices: [] }
    const push = { path: '/push', name: 'push', description: '', options: [option], commands: [] }
    const root = { path: '', name: 'slipway', description: '', options: [], commands: [push] }
    expect(zshCompletion(root)).to.include(String.raw`flags=('--wait:the bots'\'' turn')`)
    expect(fishCompletion(root)).to.include(String.raw`-l wait -r -d 'the bots\' turn'`)
  })

  it('refuses other shells with 2', async () => {
    expect((await callSlipway(['completion', 'tcsh'])).code).to.equal(2)
  })
})

async function scriptFor(shell: string): Promise<string> {
  const { code, out, error } = await callSlipway(['completion', shell])
  expect(code, error).to.equal(0)
  const file = path.join(await temporaryDirectory(), `slipway.${shell}`)
  await writeFile(file, out)
  return file
}
