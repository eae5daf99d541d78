import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { eventually } from '../../support/eventually.ts'
import { installedProgram } from '../../support/services/service-process.ts'
import { skipTest } from '../../support/skip-test.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, type Cloud } from './cloud.ts'
import { startServer } from './composed-server.ts'

const DRIVER = path.join(import.meta.dirname, 'persistor.py')
const run = promisify(execFile)

/** A Rasa that is installed, and whether it has the library of the cloud. */
const RASA = path.join(
  process.env['RASA_VENV'] ?? path.join(homedir(), '.cache/slipway/rasa-3.6.21'),
  'bin/python',
)

/** What Rasa does with `--remote-storage`, on the same server. */
export function describeRasaStorage(cloudOf: () => Cloud, withRasaItself: boolean): void {
  describeWith("Rasa's libraries", (context) => installedProgram(context, 'persistor-python'))
  if (withRasaItself) {
    describeWith('Rasa itself', (context) => {
      if (process.env['SLOW'] !== '1') skipTest(context, 'Rasa takes long to start: SLOW=1')
      return existsSync(RASA) ? RASA : skipTest(context, 'Rasa 3.6.21 is not installed')
    })
  }

  function describeWith(name: string, findPython: (context: Mocha.Context) => string): void {
    describe(`beside ${name}`, function () {
      this.timeout(60_000)
      let python: string
      let env: Record<string, string>
      let url: string
      let folder: string
      before(function () {
        python = findPython(this)
      })
      beforeEach(async () => {
        const cloud = cloudOf()
        const bucket = await aBucket(cloud)
        folder = await temporaryDirectory()
        url = `${cloud.scheme}://${bucket}`
        env = { ...cloud.env(), [cloud.bucketVariable]: bucket }
      })
      const persistor = async (...parameters: string[]): Promise<void> => {
        const rasaEnv = {
          PATH: process.env['PATH'],
          HOME: folder,
          RASA_TELEMETRY_ENABLED: 'false',
          ...env,
          // What Google's own library heeds.
          STORAGE_EMULATOR_HOST: env['SLIPWAY_GCS_ENDPOINT_URL'],
        }
        await run(python, [DRIVER, cloudOf().kind, ...parameters], { env: rasaEnv })
      }

      it('lets Rasa load what a tag points at', async () => {
        const server = await startServer(folder, { SLIPWAY_EXPORT: url, ...env })
        const archive = anArchive({ payloadBytes: 300_000 })
        await server.publish(archive, 'default?tag=production')
        await eventually('it is exported', () => server.lines.some(({ msg }) => msg === 'exported'))
        const loaded = path.join(folder, 'loaded.tar.gz')
        await persistor('load', 'production.tar.gz', loaded)
        expect((await readFile(loaded)).equals(archive)).to.equal(true)
      })

      it('publishes what Rasa saved, by its bare name and in the folder that it trained into', async () => {
        const [one, two] = [anArchive({ payloadBytes: 300_000 }), anArchive()]
        const file = path.join(folder, '20261123-084606-horizontal-rail.tar.gz')
        await writeFile(file, one)
        await persistor('save', file, path.basename(file))
        const server = await startServer(folder, { SLIPWAY_IMPORT: url, ...env })
        await writeFile(file, two)
        await persistor('save', file, 'models/next.tar.gz')
        await eventually('both are published', () => {
          return server.lines.filter(({ msg }) => msg === 'import_published').length === 2
        })
        for (const [number, archive] of [one, two].entries()) {
          const response = await fetch(`${server.url}/api/v1/models/default/releases/${number + 1}/archive`)
          expect(Buffer.from(await response.arrayBuffer()).equals(archive)).to.equal(true)
        }
      })

      it('lets Rasa load what the command line saved, and the other way round', async () => {
        const cloudArguments = ['--remote-storage', cloudOf().kind]
        const archive = anArchive({ payloadBytes: 300_000 })
        const file = path.join(folder, 'mine.tar.gz')
        await writeFile(file, archive)
        const pushed = await callSlipway(['push', file, ...cloudArguments], { env })
        expect(pushed.code, pushed.error).to.equal(0)
        const loaded = path.join(folder, 'loaded.tar.gz')
        await persistor('load', 'mine.tar.gz', loaded)
        expect((await readFile(loaded)).equals(archive)).to.equal(true)

        await persistor('save', loaded, 'rasas.tar.gz')
        const to = await temporaryDirectory()
        const pulled = await callSlipway(['pull', ...cloudArguments, '--model', 'rasas', '--to', to], { env })
        expect(pulled.code, pulled.error).to.equal(0)
        expect((await readFile(pulled.out.trim())).equals(archive)).to.equal(true)
      })
    })
  }
}
