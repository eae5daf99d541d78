import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterThisTest } from './temporary-directory.ts'

/** Whether system calls of other processes can be made to fail here. */
export function canInjectFaults(): boolean {
  try {
    execFileSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * Makes system calls of a running process go wrong, from now until the returned function is called.
 *
 * @param fault As strace has it: `fsync:error=EIO`, `link:signal=KILL`.
 */
export async function injectFaults(pid: number, fault: string): Promise<() => Promise<void>> {
  const calls = fault.split(':')[0] ?? ''
  const strace = spawn(
    'strace',
    ['-f', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${fault}`, '-p', String(pid)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(strace, 'close')
  const stop = async (): Promise<void> => {
    strace.kill('SIGINT')
    await ended
  }
  afterThisTest(stop)
  let said = ''
  await new Promise<void>((resolve, reject) => {
    strace.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('attached')) resolve()
    })
    strace.once('close', () => {
      reject(new Error(`strace did not attach: ${said}`))
    })
  })
  return stop
}
