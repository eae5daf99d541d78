import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { z } from 'zod'

/**
 * Who holds a lock. A pid alone says nothing where containers share a volume: it means one process only together
 * with the boot, the pid namespace and the time at which it started.
 */
export const holderSchema = z.object({
  nonce: z.string(),
  boot: z.string(),
  namespace: z.string(),
  pid: z.int(),
  /** In clock ticks since boot; empty where the system does not tell. */
  started: z.string(),
})

export type Holder = z.infer<typeof holderSchema>

/** This very process. */
export async function thisHolder(nonce: string): Promise<Holder> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname())
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '')
  return {
    nonce,
    boot: boot.trim(),
    namespace,
    pid: process.pid,
    started: (await startOf(process.pid)) ?? '',
  }
}

/**
 * Whether the holder of a lock lives.
 *
 * @returns `unknown` where it would run in another boot or pid namespace: only its heartbeat can tell.
 */
export async function isAlive(holder: Holder, us: Holder): Promise<boolean | 'unknown'> {
  if (holder.boot !== us.boot || holder.namespace !== us.namespace) return 'unknown'
  if (us.started === '') return isSignalable(holder.pid)
  return (await startOf(holder.pid)) === holder.started
}

/** Field 22 of /proc/PID/stat; the name before it, in parentheses, may hold anything. Zombies count as dead. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' ? undefined : fields?.[19]
}

function isSignalable(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
