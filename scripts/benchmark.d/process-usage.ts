import { readFileSync } from 'node:fs'

/** proc(5) counts CPU time in these; USER_HZ is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** The process and everything that it started: nginx works in children. */
export function withDescendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(withDescendants)]
}

/** CPU time, user and system, that the process and its descendants have used so far. */
export function cpuSeconds(pid: number): number {
  const ticks = withDescendants(pid).map((one) => {
    // The program's name stands in brackets and may hold blanks; utime and stime are fields 14 and 15 of proc(5).
    const afterName = read(`/proc/${one}/stat`).split(') ')[1]?.split(' ') ?? []
    return Number(afterName[11] ?? 0) + Number(afterName[12] ?? 0)
  })
  return ticks.reduce((sum, some) => sum + some, 0) / TICKS_PER_SECOND
}

/** Memory that the process and its descendants hold now, in MB (10⁶ bytes). */
export function residentMegabytes(pid: number): number {
  const kibibytes = withDescendants(pid).map((one) =>
    Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${one}/status`))?.[1] ?? 0),
  )
  return (kibibytes.reduce((sum, some) => sum + some, 0) * 1024) / 1e6
}

/** CPU seconds used and the most memory held while `work` runs. */
export async function usageDuring<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; cpuSeconds: number; peakMegabytes: number }> {
  const before = cpuSeconds(pid)
  let peakMegabytes = residentMegabytes(pid)
  const sampler = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, residentMegabytes(pid))
  }, 50)
  try {
    const result = await work()
    return { result, cpuSeconds: cpuSeconds(pid) - before, peakMegabytes }
  } finally {
    clearInterval(sampler)
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // It has ended since it was listed.
  }
}
