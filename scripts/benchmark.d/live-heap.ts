import { setTimeout as pause } from 'node:timers/promises'

/** The variable that says where a server is to be asked for its heap: nothing listens there before it is. */
export function inspectedAt(port: number): Record<string, string> {
  return { NODE_OPTIONS: `--inspect-port=127.0.0.1:${port}` }
}

/**
 * Megabytes (10⁶ bytes) of a server's heap that are in use once nothing is left to collect. What it holds of the system says less: the engine keeps
 * what it had to take once.
 *
 * @param port As {@link inspectedAt} was given it.
 */
export async function liveHeapMegabytes(pid: number, port: number): Promise<number> {
  // Node then listens to debuggers, which speak https://chromedevtools.github.io/devtools-protocol/v8/.
  process.kill(pid, 'SIGUSR1')
  const socket = new WebSocket(await debuggerAddress(port))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', reject, { once: true })
  })
  try {
    for (let count = 0; count < 3; count++) await call(socket, 'HeapProfiler.collectGarbage')
    const { usedSize } = (await call(socket, 'Runtime.getHeapUsage')) as { usedSize: number }
    return usedSize / 1e6
  } finally {
    socket.close()
  }
}

async function debuggerAddress(port: number): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`)
      const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[]
      if (target !== undefined) return target.webSocketDebuggerUrl
    } catch (error) {
      if (tries === 100) throw error
    }
    await pause(100)
  }
}

let calls = 0

async function call(socket: WebSocket, method: string): Promise<unknown> {
  const id = ++calls
  const answered = new Promise<unknown>((resolve, reject) => {
    const listen = ({ data }: MessageEvent): void => {
      const answer = JSON.parse(String(data)) as {
        id?: number
        result?: unknown
        error?: { message: string }
      }
      if (answer.id !== id) return
      socket.removeEventListener('message', listen)
      if (answer.error === undefined) resolve(answer.result)
      else reject(new Error(`${method}: ${answer.error.message}`))
    }
    socket.addEventListener('message', listen)
  })
  socket.send(JSON.stringify({ id, method }))
  return answered
}
