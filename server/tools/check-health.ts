import { loadConfig } from '../config/config.ts'

/**
 * Asks the server that runs with the same environment whether it is ready for pulls: what a container's health check
 * runs, where there is no curl. Exit code 0 where it is, 1 where it is not.
 */
async function isReady(): Promise<boolean> {
  const { host, port } = loadConfig(process.env, process.cwd())
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const name = reachable.includes(':') ? `[${reachable}]` : reachable
  try {
    const answer = await fetch(`http://${name}:${port}/readyz`, { signal: AbortSignal.timeout(4_000) })
    return answer.ok
  } catch {
    return false
  }
}

process.exitCode = (await isReady()) ? 0 : 1
