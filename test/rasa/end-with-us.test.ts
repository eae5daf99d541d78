import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import { until } from './until.ts'

const program = `
  import { startChild } from ${JSON.stringify(path.join(import.meta.dirname, 'child.ts'))}
  import { suiteFolder } from ${JSON.stringify(path.join(import.meta.dirname, 'suite-end.ts'))}
  const folder = await suiteFolder()
  startChild('sh', ['-c', 'sleep 300 & sleep 300; exit'], { folder, env: {} })
  console.log(folder)
  setInterval(() => undefined, 1000)
`

describe('a suite that a signal ends', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`leaves no program and no folder behind on ${signal}`, async () => {
      const suite = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program])
      const [folder] = (await once(suite.stdout.setEncoding('utf8'), 'data')) as [string]
      await until('the programs run', 20, async () => (await runningIn(folder.trim())) >= 2)
      suite.kill(signal)
      await once(suite, 'exit')
      await until('no program is left', 10, async () => (await runningIn(folder.trim())) === 0)
      expect(existsSync(folder.trim())).to.equal(false)
    })
  }
})

/** How many processes have this folder as their working directory. */
async function runningIn(folder: string): Promise<number> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const folders = await Promise.all(processes.map((id) => readlink(`/proc/${id}/cwd`).catch(() => '')))
  return folders.filter((cwd) => cwd.replace(/ \(deleted\)$/, '') === folder).length
}
