import type { FileSystem, OpenFile } from '../../storage/filesystem/file-system.ts'
import { machineFileSystem } from '../../storage/filesystem/file-system.ts'

/** The calls that can be made to fail; those on open files have `file.` before them. */
export type FileSystemCall = keyof FileSystem | `file.${keyof OpenFile}`

/** This machine's file system, but for calls that a test makes fail. */
export interface FaultyFileSystem extends FileSystem {
  /** Lets the next calls fail with a system error of that code until {@link heal}; `on` picks them by path. */
  fail(call: FileSystemCall, code: string, on?: (path: string) => boolean): void
  /** Lets all calls work again. */
  heal(): void
  /** Files and folders that are open now: zero where nothing leaks. */
  readonly openFiles: number
}

export function faultyFileSystem(): FaultyFileSystem {
  const faults = new Map<FileSystemCall, { code: string; on: (path: string) => boolean }>()
  let openFiles = 0

  function check(call: FileSystemCall, path: string): void {
    const fault = faults.get(call)
    if (fault?.on(path)) throw Object.assign(new Error(`${fault.code}: injected`), { code: fault.code })
  }

  function watch(file: OpenFile, path: string): OpenFile {
    const checked =
      <Arguments extends unknown[], Result>(
        call: keyof OpenFile,
        work: (...given: Arguments) => Promise<Result>,
      ) =>
      async (...given: Arguments): Promise<Result> => {
        check(`file.${call}`, path)
        return await work(...given)
      }
    return {
      read: checked('read', (buffer, offset, length, position) =>
        file.read(buffer, offset, length, position),
      ),
      write: checked('write', (buffer, offset, length) => file.write(buffer, offset, length)),
      sync: checked('sync', () => file.sync()),
      chmod: checked('chmod', (mode) => file.chmod(mode)),
      stat: checked('stat', (options) => file.stat(options)),
      close: async () => {
        openFiles -= 1
        await file.close()
      },
    }
  }

  const checked =
    <Arguments extends unknown[], Result>(
      call: keyof FileSystem,
      work: (path: string, ...rest: Arguments) => Promise<Result>,
    ) =>
    async (path: string, ...rest: Arguments): Promise<Result> => {
      check(call, path)
      return await work(path, ...rest)
    }

  return {
    open: async (path, flags, mode) => {
      check('open', path)
      const file = await machineFileSystem.open(path, flags, mode)
      openFiles += 1
      return watch(file, path)
    },
    link: checked('link', (from: string, to: string) => machineFileSystem.link(from, to)),
    rename: checked('rename', (from: string, to: string) => machineFileSystem.rename(from, to)),
    unlink: checked('unlink', (at: string) => machineFileSystem.unlink(at)),
    mkdir: checked('mkdir', (at: string) => machineFileSystem.mkdir(at)),
    lstat: checked('lstat', (at: string) => machineFileSystem.lstat(at)),
    readdir: checked('readdir', (at: string) => machineFileSystem.readdir(at)),
    fail: (call, code, on = () => true) => faults.set(call, { code, on }),
    heal: () => {
      faults.clear()
    },
    get openFiles() {
      return openFiles
    },
  }
}
