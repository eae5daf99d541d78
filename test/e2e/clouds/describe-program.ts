import { request } from 'node:http'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { keysOf } from '../../support/store-access.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, lookInto, storageIn, type Cloud } from './cloud.ts'
import { runServerProgram } from './server-program.ts'

/** A configuration that cannot work, and the variable that the error must name. */
export interface Mistake {
  what: string
  env: (cloud: Cloud) => Record<string, string>
  names: string
  /** 2 where absent. */
  exitCode?: number
}

/** What holds of the server as a program, whichever cloud it stores archives in. */
export function describeProgram(cloudOf: () => Cloud, mistakes: readonly Mistake[]): void {
  describe('as blob store of a program', () => {
    let cloud: Cloud
    let env: Record<string, string>
    let folder: string
    let bucket: string
    beforeEach(async () => {
      cloud = cloudOf()
      bucket = await aBucket(cloud)
      env = storageIn(cloud, bucket)
      folder = await temporaryDirectory()
    })

    for (const { what, env: wrong, names, exitCode = 2 } of mistakes) {
      it(`ends with exit code ${exitCode} and names ${names} where it is given ${what}`, async () => {
        const program = runServerProgram(folder, { ...env, ...wrong(cloud) })
        expect(await program.exited, program.output()).to.equal(exitCode)
        expect(program.output()).to.include(names)
        expect(program.output()).not.to.include('    at ')
        for (const secret of [...cloud.secrets, 'guessed-secret']) {
          expect(program.output()).not.to.include(secret)
        }
      })
    }

    it('leaves nothing half where it is killed in the middle of an upload', async () => {
      const proxy = await startFaultProxy(cloud.port)
      afterThisTest(proxy.stop)
      const archive = anArchive({ payloadBytes: 20_000_000 })
      const store = await lookInto(cloud, bucket)
      const spool = path.join(folder, 'data/spool')

      // While bytes come in …
      const first = runServerProgram(folder, env)
      const half = request(`${await first.listening()}/models/default`, { method: 'POST' })
      half.on('error', () => undefined)
      half.write(archive.subarray(0, 10_000_000))
      await eventually('bytes are spooled', async () => (await readdir(spool).catch(() => [])).length > 0)
      await first.kill()

      // … and while they go on to the bucket.
      const second = runServerProgram(folder, { ...env, ...cloud.env(proxy.port) })
      const url = await second.listening()
      expect(await readdir(spool)).to.deep.equal([])
      proxy.inject({ kind: 'stall', direction: 'up', afterBytes: 6_000_000 })
      const publishing = fetch(`${url}/models/default`, { method: 'POST', body: archive }).catch(
        () => 'broken',
      )
      await eventually('the upload stands still', () => proxy.strikes() > 0)
      await second.kill()
      expect(await publishing).to.equal('broken')

      const third = runServerProgram(folder, env)
      const again = await third.listening()
      expect(await readdir(spool)).to.deep.equal([])
      expect(await keysOf(store)).to.deep.equal(['slipway-owner'])
      expect((await fetch(`${again}/models/default`)).status).to.equal(404)
      const published = await fetch(`${again}/models/default`, { method: 'POST', body: archive })
      expect(published.status).to.equal(201)
      const pulled = Buffer.from(await (await fetch(`${again}/models/default`)).arrayBuffer())
      expect(pulled.equals(archive)).to.equal(true)
    })
  })
}
