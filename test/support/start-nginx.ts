import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { afterThisTest, temporaryDirectory } from './temporary-directory.ts'

/** Whether there is an nginx on this machine. */
export function hasNginx(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * Starts an nginx of its own on a free port, with everything it writes in a folder that goes with the test.
 *
 * @param server What stands in its `server` block.
 * @param http What stands in its `http` block beside that; `{folder}` is replaced.
 * @returns Its address, `http://127.0.0.1:{port}`.
 */
export async function startNginx(server: string, http = ''): Promise<string> {
  const folder = await temporaryDirectory()
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  const configuration = `
daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log info;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary}
  ${http.replaceAll('{folder}', folder)}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`
  const file = path.join(folder, 'nginx.conf')
  await writeFile(file, configuration)
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close')
  afterThisTest(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const url = `http://127.0.0.1:${port}`
  await eventually('nginx listens', async () => {
    if (child.exitCode !== null) throw new Error(`nginx did not start: ${stderr}`)
    return (await fetch(url).catch(() => undefined)) !== undefined
  })
  return url
}
