import { link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'

/** What {@link FilesystemStore} asks of a file system: a seam where tests let disks fail and the power go. */
export interface FileSystem {
  open(path: string, flags: number, mode?: number): Promise<OpenFile>
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Makes one folder; its parent exists. */
  mkdir(path: string): Promise<void>
  lstat(path: string): Promise<FileFacts>
  readdir(path: string): Promise<FolderEntry[]>
}

export interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>
  sync(): Promise<void>
  chmod(mode: number): Promise<void>
  stat(options: { bigint: true }): Promise<FileFacts>
  close(): Promise<void>
}

export interface FileFacts {
  size: bigint
  mtimeNs: bigint
  ino: bigint
  isFile(): boolean
}

export interface FolderEntry {
  name: string
  isFile(): boolean
  isDirectory(): boolean
}

/** The file system of this machine. */
export const machineFileSystem: FileSystem = {
  open,
  link,
  rename,
  unlink,
  mkdir: (path) => mkdir(path),
  lstat: (path) => lstat(path, { bigint: true }),
  readdir: (path) => readdir(path, { withFileTypes: true }),
}
