// Commands load it when they need it, and it keeps its settings in globals: mocha would take them for leaks of the test.
import 'zod'
import { noteSecretsOf, refuseSecretsIn } from './secrets-in-output.ts'
import { programEnvironment } from './program-environment.ts'
import type { Ran } from './run-slipway.ts'

let isRunning = false

/**
 * Runs `slipway ARGS` in this process, as a program of its own takes half a second of the processors to start. Environment, arguments,
 * output, exit code and working directory are the command's own meanwhile, so that one runs at a time. What needs a signal, a terminal
 * or its own program (`serve`, `backup` and others) is run by `runSlipway`.
 */
export async function callSlipway(
  args: readonly string[],
  { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Ran> {
  const command = `slipway ${args.join(' ')}`
  if (isRunning) throw new Error(`${command}: another command runs in this process: use runSlipway`)
  isRunning = true
  noteSecretsOf(env)
  const { runProgram } = await import('../../client/cli/program.ts')
  const argv = [process.execPath, 'slipway', ...args]
  const before = { env: process.env, argv: process.argv, exitCode: process.exitCode, cwd: process.cwd() }
  const [out, error] = [capture(process.stdout), capture(process.stderr)]
  try {
    process.env = { ...programEnvironment(), ...env }
    process.argv = argv
    process.exitCode = undefined
    if (cwd !== undefined) process.chdir(cwd)
    const code = (await runProgram(argv)) ?? process.exitCode ?? 0
    const ran = { code, out: out.text(), error: error.text() }
    refuseSecretsIn(ran.out + ran.error, command)
    return ran
  } finally {
    error.end()
    out.end()
    process.chdir(before.cwd)
    process.env = before.env
    process.argv = before.argv
    process.exitCode = before.exitCode
    isRunning = false
  }
}

/** Takes what is written to a stream, which is no terminal meanwhile. */
function capture(stream: NodeJS.WriteStream): { text: () => string; end: () => void } {
  const chunks: Buffer[] = []
  const listeners = stream.listeners('error')
  const own = { write: ownProperty(stream, 'write'), isTTY: ownProperty(stream, 'isTTY') }
  const write = (
    chunk: string | Uint8Array,
    encodingOrWritten?: BufferEncoding | (() => void),
    written?: () => void,
  ) => {
    const encoding = typeof encodingOrWritten === 'string' ? encodingOrWritten : 'utf8'
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk))
    const tell = typeof encodingOrWritten === 'function' ? encodingOrWritten : written
    if (tell !== undefined) process.nextTick(tell)
    return true
  }
  Object.defineProperty(stream, 'write', { value: write, configurable: true, writable: true })
  Object.defineProperty(stream, 'isTTY', { value: false, configurable: true, writable: true })
  return {
    text: () => Buffer.concat(chunks).toString(),
    end: () => {
      for (const [name, descriptor] of Object.entries(own)) restore(stream, name, descriptor)
      for (const listener of stream.listeners('error'))
        if (!listeners.includes(listener)) stream.off('error', listener as () => void)
    },
  }
}

function ownProperty(stream: NodeJS.WriteStream, name: string): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(stream, name)
}

function restore(stream: NodeJS.WriteStream, name: string, descriptor: PropertyDescriptor | undefined): void {
  Reflect.deleteProperty(stream, name)
  if (descriptor !== undefined) Object.defineProperty(stream, name, descriptor)
}
