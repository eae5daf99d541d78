import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { NewEvent } from '../../../server/catalog/events.ts'
import { EventNews } from '../../../server/events/event-news.ts'
import { streamEvents } from '../../../server/http/api/stream-events.ts'
import { aCatalog } from '../../support/a-catalog.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

/** An event of a model. */
function moved(model: string): NewEvent {
  return { at: 0, kind: 'tag.moved', model, tag: 'latest', bot: null, process: null, body: {} }
}

describe('a stream of events of which most are those of others', () => {
  it('lets other work have its turn between two looks at them', async () => {
    const catalog = await aCatalog()
    await catalog.writeShared(async (writer) => {
      await writer.addEvents(Array.from({ length: 1_000 }, () => moved('bank')))
      await writer.addEvents([moved('shop')])
    })
    let turn = 0
    let isOver = false
    const countTurns = (): void => {
      turn++
      if (!isOver) setImmediate(countTurns)
    }
    const lookedIn: number[] = []
    const events = {
      ...catalog,
      listEventsAfter: (after: number, limit: number) => {
        lookedIn.push(turn)
        return catalog.listEventsAfter(after, limit)
      },
    }
    const news = new EventNews(catalog)
    const reader = { isStillAllowed: () => true, canSee: (model: string | null) => model === 'shop' }
    const http = createServer((request, response) => {
      countTurns()
      void streamEvents(request, response, { events, news }, reader)
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    afterThisTest(() => {
      isOver = true
      news.stop()
      http.close()
      http.closeAllConnections()
    })
    const { port } = http.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'Last-Event-ID': '0' } })
    let text = ''
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString()
      if (text.includes('"shop"')) break
    }
    expect(new Set(lookedIn.slice(0, 10)).size).to.equal(10)
  })
})
