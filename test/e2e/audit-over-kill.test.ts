import { expect } from 'chai'
import { AuditChainCheck } from '../../protocol/audit-chain.ts'
import type { AuditEntry, AuditHead } from '../../protocol/audit.ts'
import type { TagMove } from '../../protocol/tag.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { startServer, type RunningServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const KILLS = 4

async function read<Body>({ url }: RunningServer, path: string): Promise<Body> {
  const answer = await fetch(url + path)
  expect(answer.status).to.equal(200)
  return (await answer.json()) as Body
}

/** Changes the notes and the tag of a release until the server is gone. */
async function changeUntilKilled(server: RunningServer, progress: { moves: number }): Promise<void> {
  const headers = { 'Content-Type': 'application/json' }
  const put = (path: string, method: string, body: object) =>
    fetch(server.url + path, { method, headers, body: JSON.stringify(body) })
  for (let turn = 0; ; turn++) {
    try {
      await put('/api/v1/models/shop/tags/production', 'PUT', { release: 1 + (turn % 2) })
      progress.moves++
      await put('/api/v1/models/shop/releases/1', 'PATCH', { notes: `turn ${turn}` })
    } catch {
      return
    }
  }
}

describe('the audit of a server that is killed while it changes things', function () {
  this.timeout(120_000)

  it('is whole, and has each move of a tag that there was, and no other', async () => {
    const folder = await temporaryDirectory()
    let server = await startServer({ folder })
    for (const content of ['3.5.0', '3.6.0']) {
      const body = Uint8Array.from(anArchive({ rasaVersion: content }))
      await fetch(`${server.url}/models/shop`, { method: 'POST', body })
    }
    for (let kill = 0; kill < KILLS; kill++) {
      const progress = { moves: 0 }
      const changing = Promise.all([changeUntilKilled(server, progress), changeUntilKilled(server, progress)])
      await eventually('the tag moved some times', () => progress.moves > 5 + kill * 4)
      server.kill('SIGKILL')
      await server.ended
      await changing
      server = await startServer({ folder })
      const check = new AuditChainCheck()
      const moves: AuditEntry[] = []
      let page: { items: AuditEntry[]; next: number | null; head: AuditHead }
      let after = 0
      do {
        page = await read(server, `/api/v1/audit?limit=1000&after=${after}`)
        for (const entry of page.items) {
          expect(check.take(entry)).to.equal(undefined)
          if (entry.action === 'tag.moved' && entry.tag === 'production') moves.push(entry)
        }
        after = page.next ?? 0
      } while (page.next !== null)
      expect(check.end(page.head)).to.equal(undefined)
      const history = await everyMove(server)
      expect(moves.map((entry) => entry.after?.['release'])).to.deep.equal(history.map(({ to }) => to))
    }
  })
})

/** The moves of the tag, the first one first. */
async function everyMove(server: RunningServer): Promise<TagMove[]> {
  const moves: TagMove[] = []
  let path: string | undefined = '/api/v1/models/shop/tags/production/history?limit=1000'
  while (path !== undefined) {
    const page: { items: TagMove[]; next: string | null } = await read(server, path)
    moves.push(...page.items)
    path =
      page.next === null
        ? undefined
        : `/api/v1/models/shop/tags/production/history?limit=1000&cursor=${encodeURIComponent(page.next)}`
  }
  return moves.reverse()
}
