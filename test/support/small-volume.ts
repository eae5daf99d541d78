import { execFileSync } from 'node:child_process'
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
