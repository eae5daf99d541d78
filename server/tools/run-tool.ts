import path from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { StoreFull, StoreUnavailable } from '../../storage/object-store.ts'
import { DomainError } from '../errors/errors.ts'
import { ToolFailure } from './tool-failure.ts'

/** A program that works on a data directory itself, not through a server. */
export interface Tool<Options extends NonNullable<ParseArgsConfig['options']>> {
  help: string
  options: Options
  /** @returns what to print, for programs and for people, and the exit code. */
  run(call: ToolCall): Promise<{ json: object; text: string; exit?: number }>
}

export interface ToolCall {
  /** The place that was named, as it was written; undefined where none was. */
  place: string | undefined
  /** Absolute. */
  dataDir: string
  flags: ReadonlySet<string>
  /** The options as they were parsed. */
  values: Readonly<Record<string, unknown>>
  env: Readonly<Record<string, string | undefined>>
}

/** Runs a tool as a program: reads its arguments, prints what it did, sets the exit code. */
export async function runTool<Options extends NonNullable<ParseArgsConfig['options']>>(
  tool: Tool<Options>,
): Promise<void> {
  // What a tool writes holds the archives and secrets of a team: nobody else on the machine may read it.
  process.umask(0o077)
  try {
    const { values, positionals } = parse(tool)
    if (values['help'] === true) {
      process.stdout.write(tool.help)
      return
    }
    const [place] = positionals
    if (positionals.length > 1) throw new ToolFailure(2, 'Name one place (--help shows how).')
    const flags = new Set(Object.keys(values).filter((name) => values[name] === true))
    const dataDir = path.resolve(process.env['DATA_DIR'] ?? './data')
    const { json, text, exit = 0 } = await tool.run({ place, dataDir, flags, values, env: process.env })
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
  const code = error instanceof DomainError ? error.code : undefined
  if (error instanceof StoreUnavailable || code === 'storage-unavailable') return 5
  if (error instanceof StoreFull || code === 'disk-full') return 3
  return isOfDisk(error) || (error instanceof Error && isOfDisk(error.cause)) ? 3 : 1
}

function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DISK.has(String(error.code))
}
