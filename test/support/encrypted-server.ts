import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { anArchive } from './archive-builder.ts'
import { afterThisTest, temporaryDirectory } from './temporary-directory.ts'

const bytes = anArchive({ payloadBytes: 5000 })

/**
 * Starts a model server with a certificate of an authority of its own, by the `openssl` of this machine.
 *
 * @param subject What the certificate is for, as in `IP:127.0.0.1`.
 * @returns its address, and the file with the certificate of the authority
 */
export async function encryptedServer(subject: string): Promise<{ url: string; ca: string }> {
  const folder = await temporaryDirectory()
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  }
  openssl(
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -keyout ca.key -out ca.pem'.split(
      ' ',
    ),
    '-subj',
    '/CN=our authority',
  )
  openssl(
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -CA ca.pem -CAkey ca.key -keyout key -out pem'.split(
      ' ',
    ),
    ...['-subj', '/CN=models', '-addext', `subjectAltName=${subject}`],
  )
  const read = (name: string): Buffer => readFileSync(path.join(folder, name))
  const server = createServer({ key: read('key'), cert: read('pem') }, ({ headers }, response) => {
    if (headers['if-none-match'] === '"x"') response.writeHead(304).end()
    else response.writeHead(200, { ETag: '"x"', 'Content-Length': bytes.length }).end(bytes)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/model`,
    ca: path.join(folder, 'ca.pem'),
  }
}
