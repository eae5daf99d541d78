import path from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { ToolFailure } from './tool-failure.ts'

/** A program that works on a data directory itself, not through a server. */
export interface Tool<Options extends NonNullable<ParseArgsConfig['options']>> {
  help: string
  options: Options
  /** @returns what to print, for programs and for people, and the exit code. */
  run(call: ToolCall): Promise<{ json: object; text: string; exit?: number }>
}

export interface ToolCall {
  /** The folder that was named, absolute. */
  folder: string
  /** Absolute. */
  dataDir: string
  flags: ReadonlySet<string>
}

/** Runs a tool as a program: reads its arguments, prints what it did, sets the exit code. */
export async function runTool<Options extends NonNullable<ParseArgsConfig['options']>>(
  tool: Tool<Options>,
): Promise<void> {
  try {
    // Catalog and archives, and copies of them, are for the user of the server alone.
    process.umask(0o077)
    const { values, positionals } = parse(tool)
    if (values['help'] === true) {
      process.stdout.write(tool.help)
      return
    }
    const [folder] = positionals
    if (folder === undefined || positionals.length > 1)
      throw new ToolFailure(2, 'Name one folder (--help shows how).')
    const storage = process.env['STORAGE'] ?? 'filesystem'
    if (storage !== 'filesystem') {
      throw new ToolFailure(
        2,
        `With STORAGE=${storage} the archives lie in a bucket, which this does not copy: let the bucket keep versions.`,
      )
    }
    const flags = new Set(Object.keys(values).filter((name) => values[name] === true))
    const dataDir = path.resolve(process.env['DATA_DIR'] ?? './data')
    const { json, text, exit = 0 } = await tool.run({ folder: path.resolve(folder), dataDir, flags })
    process.stdout.write(flags.has('json') ? `${JSON.stringify(json)}\n` : text)
    process.exitCode = exit
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = exitCode(error)
  }
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>({ options }: Tool<Options>) {
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2),
      options: { ...options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    return { values: values as Readonly<Record<string, unknown>>, positionals }
  } catch (cause) {
    throw new ToolFailure(2, cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

const DISK = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'ENOTDIR', 'EEXIST'])

function exitCode(error: unknown): number {
  if (error instanceof ToolFailure) return error.exit
  return DISK.has((error as NodeJS.ErrnoException).code ?? '') ? 3 : 1
}
