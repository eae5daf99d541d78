import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { hostname } from 'node:os'

/** Where this process runs, for leases: those of former processes of the same data directory are its own. */
export async function thisPlace(dataDir: string): Promise<{ place: string; host: string }> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname())
  // A copy of the folder is another inode, a copy of its volume another boot.
  const { dev, ino } = await stat(dataDir, { bigint: true })
  const place = createHash('sha256').update(`${boot.trim()} ${dev} ${ino}`).digest('hex')
  return { place, host: hostname() }
}
