import { existsSync, readFileSync } from 'node:fs'

/** In a second, as the kernel counts them for programs (proc(5), sysconf(_SC_CLK_TCK)): the same on all of today's systems. */
const TICKS = 100

/**
 * Processor time of this process and of the programs that it started and that have ended, in seconds. Unlike time by the
 * clock it says the same on a busy machine. Elsewhere than on Linux it is that of this process alone.
 */
export function processorSeconds(): number {
  if (!existsSync('/proc/self/stat')) {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000_000
  }
  // Behind the name of the program, which may hold anything but ends the parentheses: fields 14 to 17 of proc(5).
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const times = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
  return times.reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS
}
