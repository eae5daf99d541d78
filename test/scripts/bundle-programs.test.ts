import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { bundlePrograms } from '../../scripts/checks/bundle-programs.ts'
import { checkout } from '../../scripts/checks/run-command.ts'
import { onlyInLongForm } from '../support/long-form.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** How a program ended, and what it wrote. */
async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const cwd = await temporaryDirectory()
  const options = { cwd, env: { ...programEnvironment(), HOME: cwd, ...env } }
  const { code, stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [program, ...args],
    options,
  ).then(
    (said) => ({ ...said, code: 0 }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  )
  return { code, stdout, stderr }
}

describe('programs that are bundled', function () {
  this.timeout(120_000)
  let folder: string

  before(async function () {
    onlyInLongForm(this, 'every program that its tests start bundled')
    folder = await bundlePrograms()
  })

  it('say what their sources say', async () => {
    for (const [name, args] of [
      ['server/main', ['--help']],
      ['client/cli/main', ['--version']],
      ['server/tools/backup', ['--help']],
    ] as const) {
      const bundled = await run(path.join(folder, `${name}.mjs`), [...args])
      expect(bundled, name).to.deep.equal(await run(path.join(checkout, `${name}.ts`), [...args]))
      expect(bundled, name).to.include({ code: 0, stderr: '' })
    }
  })

  it('find the packages that are loaded when they are needed', async () => {
    for (const [STORAGE, more] of [
      [
        'aws',
        {
          BUCKET_NAME: 'models',
          AWS_DEFAULT_REGION: 'eu-west-1',
          AWS_ACCESS_KEY_ID: 'a',
          AWS_SECRET_ACCESS_KEY: 'b',
        },
      ],
      ['azure', { AZURE_CONTAINER: 'models', AZURE_ACCOUNT_NAME: 'a', AZURE_ACCOUNT_KEY: 'Yg==' }],
    ] as const) {
      const endpoint = {
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
        SLIPWAY_AZURE_ENDPOINT_URL: 'http://127.0.0.1:1',
      }
      const { code, stderr } = await run(path.join(folder, 'server/main.mjs'), [], {
        STORAGE,
        ...more,
        ...endpoint,
        PORT: '0',
      })
      expect(stderr).to.contain('ECONNREFUSED')
      expect(code).to.equal(1)
    }
  })

  it('lie in the same folder where their sources are the same', async () => {
    expect(await bundlePrograms()).to.equal(folder)
  })
})
