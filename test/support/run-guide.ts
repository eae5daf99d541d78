import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { eventually } from './eventually.ts'
import { programPath } from './program-path.ts'
import { afterThisTest, temporaryDirectory } from './temporary-directory.ts'

const ROOT = path.join(import.meta.dirname, '../..')

/**
 * Runs the first commands that docs/scaling.md prints under a heading, as they stand there; the last of them is a server, which ends
 * with the test.
 *
 * @param env What the commands are run with, besides PATH.
 */
export async function runGuide(
  heading: string,
  env: Readonly<Record<string, string>>,
): Promise<{ url: string; said: () => string }> {
  const page = await readFile(path.join(ROOT, 'docs/scaling.md'), 'utf8')
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const commands = /```sh\n([^]*?)```/.exec(section)?.[1]
  if (commands === undefined) throw new Error(`docs/scaling.md prints no commands under ${heading}`)
  const folder = await temporaryDirectory()
  const main = programPath('client/cli/main.ts')
  const program = `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`
  await writeFile(path.join(folder, 'slipway'), program, { mode: 0o755 })
  const child = spawn('bash', ['-ec', commands], {
    cwd: folder,
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'close')
  afterThisTest(async () => {
    // The commands run in a group of their own.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await ended
  })
  const url = await eventually(
    'the server of the guide listens',
    () => {
      if (child.exitCode !== null) throw new Error(`The commands of the guide ended: ${output}`)
      return /"url":"(http[^"]+)"/.exec(output)?.[1]
    },
    60_000,
  )
  return { url, said: () => output }
}
