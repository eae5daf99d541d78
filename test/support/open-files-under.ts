import { readdir, readlink } from 'node:fs/promises'

/** The files under a folder that a process has open. */
export async function openFilesUnder(folder: string, pid: number | 'self' = 'self'): Promise<string[]> {
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) =>
    // One that was closed meanwhile is none.
    readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''),
  )
  return (await Promise.all(links)).filter((target) => target.startsWith(folder))
}
