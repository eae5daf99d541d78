import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/** A reverse proxy that can be started on this machine, and the ways in which it is set. */
export interface Proxy {
  name: string
  /** Its program, and where the package of scripts/services has it. */
  program: string
  packaged: string
  /** The arguments that have it print its version. */
  versionArgs: string[]
  /** Settings by name; the first is the least with which it works. */
  variants: Readonly<Record<string, Variant>>
  /** The configuration with some settings, and how it is started with that. */
  configure: (settings: Settings, place: Place) => Command
}

/** One way to set a proxy. */
export interface Variant {
  /** What is set, in its own words. */
  set: string
  settings: Settings
  /** Whether the upload is what this is about, so that the doctor is run with `--publish`. */
  publishes?: true
}

/** What goes where in a configuration; each proxy has its own places. */
export type Settings = Readonly<Record<string, string>>

/** Where a proxy runs. */
export interface Place {
  /** Of this proxy. */
  port: number
  /** Of the server behind it. */
  upstream: number
  /** A folder of its own. */
  folder: string
  /** Where its package was unpacked; undefined where the machine's own is used. */
  root: string
}

/** How a proxy is started. */
export interface Command {
  /** Files to write first, by path. */
  files: Readonly<Record<string, string>>
  args: string[]
  env?: Record<string, string>
  /** Files that it leaves behind outside its folder. */
  leftovers?: readonly string[]
}

/** The folder that scripts/services unpacks proxies into. */
export function packageRoot(): string {
  const { TEST_CACHE, XDG_CACHE_HOME } = process.env
  return path.join(
    TEST_CACHE ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'slipway'),
    'proxies',
  )
}

/** The program of a proxy; undefined where it is not installed. */
export function findProgram({ program, packaged }: Pick<Proxy, 'program' | 'packaged'>): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  const places = [path.join(packageRoot(), packaged), ...folders.map((folder) => path.join(folder, program))]
  return places.find(isExecutable)
}

/** Where the libraries of unpacked packages are. */
export function libraryPath(root: string): string {
  return ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'usr/lib']
    .map((folder) => path.join(root, folder))
    .join(':')
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
