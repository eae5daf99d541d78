import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { get as getOverTls } from 'node:https'
import { loadConfig } from '../config/config.ts'

/**
 * Asks the server that runs with the same environment whether it is ready for pulls: what a container's health check
 * runs, where there is no curl. Exit code 0 where it is, 1 where it is not.
 */
async function isReady(): Promise<boolean> {
  const { host, port, tls } = loadConfig(process.env, process.cwd())
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const name = reachable.includes(':') ? `[${reachable}]` : reachable
  try {
    const signal = AbortSignal.timeout(4_000)
    const url = `${tls === undefined ? 'http' : 'https'}://${name}:${port}/readyz`
    // Its certificate is for the name that others know it by, and says nothing about whether it is well.
    const request =
      tls === undefined ? get(url, { signal }) : getOverTls(url, { signal, rejectUnauthorized: false })
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode === 200
  } catch {
    return false
  }
}

process.exitCode = (await isReady()) ? 0 : 1
