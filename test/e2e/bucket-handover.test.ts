import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { shortOrLong } from '../support/long-form.ts'
import { beginMigrate } from '../support/run-migrate.ts'
import { withServerGroups } from '../support/server-group.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const DEADLINE = 120_000

describe('a server over what a catalog was moved to, while those that had it before go on', function () {
  this.timeout(600_000)
  const groups = withServerGroups()

  const publish = async (url: string) => {
    const answer = await fetch(`${url}/models/shop?tag=live`, {
      method: 'POST',
      body: Uint8Array.from(anArchive()),
    })
    const { code = '' } = (await answer.json()) as { code?: string }
    return { status: answer.status, code }
  }

  const endings = shortOrLong<NodeJS.Signals[]>('ends of the servers before: by a signal that they hear', {
    short: ['SIGTERM'],
    long: ['SIGTERM', 'SIGKILL'],
  })
  for (const signal of endings) {
    const until = signal === 'SIGTERM' ? 'until these have stopped' : 'for 30 s after these were killed'
    it(`answers pulls and takes no changes ${until}`, async function () {
      const group = await groups.group()
      const before = await Promise.all([group.start(), group.start()])
      await eventually('it publishes', async () => (await publish(before[0].url)).status === 201, DEADLINE)
      const target = await groups.database()
      const moved = await beginMigrate(group.database, target).ended
      expect(moved.code, moved.stderr).to.equal(0)

      const after = await group.start({ env: { DATABASE_URL: target }, folder: await temporaryDirectory() })
      expect((await fetch(`${after.url}/models/shop@live`)).status).to.equal(200)
      expect(await publish(after.url)).to.deep.equal({ status: 503, code: 'storage-owned-elsewhere' })
      expect(await (await fetch(`${after.url}/readyz`)).json()).to.include({ pulls: true, writes: false })

      const ended = performance.now()
      for (const server of before) server.kill(signal)
      await Promise.all(before.map((server) => server.ended))
      await eventually(
        'it takes changes',
        async () => [200, 201].includes((await publish(after.url)).status),
        DEADLINE,
      )
      const seconds = Math.round((performance.now() - ended) / 1000)
      if (this.test !== undefined) this.test.title += ` (${seconds} s)`
    })
  }
})
