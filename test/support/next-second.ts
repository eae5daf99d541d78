import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds by which the time of a new file may be behind the clock: the kernel's last tick (CONFIG_HZ=100), and more. */
const BEHIND = 25

/** Waits until what is made now is of a later second than what was made before: clouds say times in whole seconds. */
export async function nextSecond(): Promise<void> {
  const next = (Math.floor(Date.now() / 1000) + 1) * 1000 + BEHIND
  while (Date.now() < next) await delay(next - Date.now())
}
