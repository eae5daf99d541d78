import { spawn } from 'node:child_process'
import path from 'node:path'

/** The folder that holds package.json: commands run there, and find the programs of node_modules. */
export const checkout = path.resolve(import.meta.dirname, '../..')

export interface Outcome {
  succeeded: boolean
  /** Both of the command's streams, in the order in which they arrived; empty where it wrote to ours. */
  output: string
  seconds: number
}

/** Runs a command to its end. `show` lets it write to our own standard output and error as it goes. */
export async function runCommand(
  [program = '', ...parameters]: readonly string[],
  { show = false, env = {} }: { show?: boolean; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const started = performance.now()
  const child = spawn(program, parameters, {
    cwd: checkout,
    env: { ...process.env, ...env, PATH: searchPath() },
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
  })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text))
  }
  const succeeded = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      output.push(`${program}: ${error.message}\n`)
      resolve(false)
    })
    child.once('close', (code) => {
      resolve(code === 0)
    })
  })
  return { succeeded, output: output.join(''), seconds: (performance.now() - started) / 1000 }
}

function searchPath(): string {
  return [
    path.join(checkout, 'node_modules/.bin'),
    path.dirname(process.execPath),
    process.env['PATH'] ?? '',
  ].join(path.delimiter)
}
