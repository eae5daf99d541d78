import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Downloads `url` once and drops the bytes. @throws Error where the answer is an error or comes short */
export async function downloadToNowhere(url: string): Promise<void> {
  await promisify(execFile)('curl', ['--silent', '--show-error', '--fail', '--output', '/dev/null', url])
}
