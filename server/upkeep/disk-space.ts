import { statfs } from 'node:fs/promises'

/** Room on a volume, in bytes. */
export interface DiskSpace {
  free: number
  total: number
}

/** Reads how much room the volume of a folder has for those who are not root. */
export async function readDiskSpace(folder: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { free: bavail * bsize, total: blocks * bsize }
}

/** How much room uploads leave alone where nothing else is set: the catalog needs some to go on. */
export function standardReserve({ total }: DiskSpace): number {
  return Math.min(Math.floor(total / 100), 256 * 1024 ** 2)
}
