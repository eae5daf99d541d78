import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

const archives = path.resolve(import.meta.dirname, '../fixtures/archives')

/** Publishes one of the archives of test/fixtures with the one line of curl that the README shows; returns the release. */
export async function publishByCurl(
  server: string,
  file: string,
  { token }: { token?: string } = {},
): Promise<{ number: number; digest: string }> {
  const { stdout } = await promisify(execFile)('curl', [
    '--silent',
    '--show-error',
    '--fail-with-body',
    ...(token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`]),
    '--data-binary',
    `@${path.join(archives, file)}`,
    `${server}/models/default?filename=${file}`,
  ])
  return JSON.parse(stdout) as { number: number; digest: string }
}
