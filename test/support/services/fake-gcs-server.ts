import type { Service } from './service-process.ts'
import { installedProgram, runService } from './service-process.ts'

/** A Google Cloud Storage server, fake-gcs-server. It asks for no credentials. */
export interface FakeGcsServer extends Service {
  endpointUrl: string
  port: number
  makeBucket: (name: string) => Promise<void>
}

export async function startFakeGcsServer(context: Mocha.Context): Promise<FakeGcsServer> {
  const program = installedProgram(context, 'fake-gcs-server')
  const { port, stop } = await runService((port) => ({
    program,
    args: ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-backend', 'memory'].concat([
      '-public-host',
      `127.0.0.1:${port}`,
      '-external-url',
      `http://127.0.0.1:${port}`,
      '-log-level',
      'warn',
    ]),
    healthUrl: `http://127.0.0.1:${port}/_internal/healthcheck`,
  }))
  const endpointUrl = `http://127.0.0.1:${port}`
  return {
    endpointUrl,
    port,
    stop,
    makeBucket: async (name) => {
      const response = await fetch(`${endpointUrl}/storage/v1/b?project=test`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name }),
      })
      await response.arrayBuffer()
      if (!response.ok && response.status !== 409) throw new Error(`no bucket: ${response.status}`)
    },
  }
}
