import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterThisTest, temporaryDirectory } from './temporary-directory.ts'

/**
 * A volume with so much room, for the current test.
 *
 * @param kibibytes Whole pages of 4 KiB.
 * @returns its folder; undefined where we may not mount.
 */
export async function smallVolume(kibibytes: number): Promise<string | undefined> {
  const dir = await temporaryDirectory()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', dir], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  afterThisTest(() => execFileSync('umount', ['-l', dir]))
  return dir
}

/**
 * Fills a volume to its last byte.
 *
 * @param kibibytes How much room it has, at most.
 * @returns the file that does so
 */
export async function fillVolume(volume: string, kibibytes: number): Promise<string> {
  const filler = path.join(volume, 'filler')
  // What fits is written before it fails.
  await writeFile(filler, Buffer.alloc(kibibytes * 1024)).catch(() => undefined)
  return filler
}
