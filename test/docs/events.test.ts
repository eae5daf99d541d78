import { readFileSync } from 'node:fs'
import path from 'node:path'
import { rm } from 'node:fs/promises'
import { expect } from 'chai'
import { eventType, type Event } from '../../protocol/event.ts'
import { eventTypeOf } from '../../server/events/present-event.ts'
import type { FleetEvent } from '../../server/fleet/fleet-event.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { aServer } from '../support/server-under-test.ts'

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/events.md'), 'utf8')

/** A new kind of conclusion does not compile before it stands here, and is not told of before it stands on the page. */
const KINDS = Object.keys({
  'first-seen': true,
  loaded: true,
  runs: true,
  lost: true,
  'heard-again': true,
  'load-failed': true,
  'transfer-failed': true,
  'restarted-while-loading': true,
  'restart-undone': true,
} satisfies Record<FleetEvent['kind'], true>)

/** The rows of the tables that begin with a name: `| \`tag.moved\` | \`from\` | … |`. */
const rows = [...page.matchAll(/^\| `([a-z.-]+)` \| `([A-Za-z.]+)` \|/gm)].map(
  ([, one = '', other = '']) => ({
    one,
    other,
  }),
)
const fieldsOf = (type: string) => rows.filter(({ one }) => one === type).map(({ other }) => other)

/** Events of every type, as a server tells them. */
async function eventsOfAServer(): Promise<Event[]> {
  const { blobFile, clock, fleet, judge, publish, request, url } = await aServer()
  const bots = ['pod-1', 'pod-2'].map((name) => new PollingBot(`${url}/models/shop`, name))
  const pollAll = async (): Promise<void> => {
    clock.advance(10_000)
    for (const bot of bots) await bot.poll()
    await judge.judgeAll()
  }
  await publish(anArchive(), { model: 'shop' })
  for (let round = 0; round < 3; round++) await pollAll()
  const { digest } = await publish(anArchive(), { model: 'shop' })
  for (const bot of bots) bot.unloadable.add(digest)
  await eventually('the release is taken back', async () => {
    await pollAll()
    return (await request.get('/api/v1/models/shop/tags/latest')).body.release === 1
  })
  await rm(blobFile(digest))
  await request.get('/api/v1/models/shop/releases/2/archive')
  const other = await publish(anArchive(), { model: 'other' })
  expect(other.number).to.equal(1)
  const model = await request.get('/api/v1/models/other')
  const deleted = await request.delete('/api/v1/models/other').set('If-Match', model.headers['etag'] ?? '*')
  expect(deleted.status, deleted.text).to.be.oneOf([200, 204])
  // What bots do is told with the next save.
  await fleet.save()
  return (await request.get('/api/v1/events?after=0&limit=1000')).body.items as Event[]
}

describe('the page of events', () => {
  let events: Event[]

  before(async () => {
    events = await eventsOfAServer()
  })

  for (const type of eventType.options) {
    it(`has each field of ${type}, and no other`, () => {
      const seen = events.filter((event) => event.type === type).map(({ data }) => Object.keys(data))
      expect(seen, 'the server tells of one').not.to.have.length(0)
      expect(fieldsOf(type)).to.include.members(seen.flat())
      // Of what bots do not each kind happens here.
      if (type !== 'bot.changed' && type !== 'load.failed')
        expect(fieldsOf(type)).to.have.members([...new Set(seen.flat())])
    })
  }

  for (const kind of KINDS) {
    it(`says what ${kind} is, and under which type it is told`, () => {
      expect(fieldsOf(kind)).to.deep.equal([eventTypeOf(kind)])
    })
  }
})
