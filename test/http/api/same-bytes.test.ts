import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import type { Bot } from '../../../protocol/bot.ts'
import type { Overview } from '../../../protocol/overview.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { PollingBot } from '../../support/polling-bot.ts'
import { aServer } from '../../support/server-under-test.ts'

const SHOP = '/api/v1/models/shop'
const PRODUCTION = `${SHOP}/tags/production`

/** Releases 2 and 4 have the same bytes; a bot of production, and one of staging, where 4 is. */
async function aFleet() {
  const server = await aServer()
  const { clock, publish, request, url } = server
  const again = anArchive()
  await publish(anArchive())
  await publish(again, { query: 'tag=production' })
  await publish(anArchive())
  await publish(again, { query: 'tag=staging' })
  await request.put(PRODUCTION).send({ release: 3 })
  const bots = [
    new PollingBot(`${url}/models/shop@production`, 'pod-1'),
    new PollingBot(`${url}/models/shop@staging`, 'pod-2'),
  ]
  const pollAll = async (times = 1) => {
    for (let time = 0; time < times; time++) {
      clock.advance(10_000)
      for (const bot of bots) await bot.poll()
    }
  }
  const listBots = async (path: string) => {
    const { body } = await request.get(path)
    return (body.items as Bot[]).map(({ bot, release }) => [bot, release])
  }
  await pollAll(3)
  return { ...server, bots, pollAll, listBots }
}

describe('bots that run bytes which several releases have', () => {
  it('run the one that their tag leads them to', async () => {
    const { request, pollAll, listBots } = await aFleet()
    expect((await request.post(`${PRODUCTION}/rollback`)).body).to.include({ release: 2 })
    await pollAll(3)
    const told = [
      ['pod-1', 2],
      ['pod-2', 4],
    ]
    expect(await listBots('/api/v1/bots?model=shop')).to.deep.equal(told)
    const one = (await request.get('/api/v1/bots/pod-1?model=shop')).body
    expect([one.release, one.processes[0].release]).to.deep.equal([2, 2])
    await eventually('what polls said is written down', async () =>
      isDeepStrictEqual(eachRelease((await request.get(`${SHOP}/timeline`)).body), [2, 4]),
    )
  })

  it('are found by the number of each release that has them', async () => {
    const { request, pollAll, listBots } = await aFleet()
    await request.post(`${PRODUCTION}/rollback`)
    await pollAll(3)
    for (const release of [2, 4]) {
      for (const path of [`/api/v1/bots?release=${release}`, `${SHOP}/releases/${release}/bots`])
        expect((await listBots(path)).map(([bot]) => bot)).to.deep.equal(['pod-1', 'pod-2'])
      const { body } = await request.get(`/api/v1/processes?release=${release}`)
      expect(body.items).to.have.length(2)
    }
    expect(await listBots('/api/v1/bots?release=3')).to.deep.equal([])
  })

  it('count in the overview as bots that run what their tag points at', async () => {
    const { request, pollAll } = await aFleet()
    await request.post(`${PRODUCTION}/rollback`)
    await pollAll(3)
    const production = await eventually('it is young enough', async () => {
      const { tags } = (await request.get('/api/v1/overview')).body as Overview
      const found = tags.find(({ tag }) => tag === 'production')
      return found?.bots.all === 1 && found.release === 2 && found
    })
    expect(production.bots).to.include({ all: 1, updated: 1 })
    expect(production.bots.releases).to.deep.equal([{ release: 2, bots: 1 }])
  })

  it('are sent the release that their rollout names', async () => {
    const { request, url, bots, judge, pollAll } = await aFleet()
    bots.push(new PollingBot(`${url}/models/shop@production`, 'pod-3'))
    await pollAll(3)
    await judge.judgeAll()
    await request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'], soak: 3600 } })
    await pollAll(2)
    expect((await request.get(PRODUCTION)).body.release).to.equal(3)
    const { items } = (await request.get('/api/v1/bots?tag=production')).body as { items: Bot[] }
    expect(items.map(({ release }) => release)).to.have.members([2, 3])
    const first = bots.find(({ name }) => items.some(({ bot, release }) => bot === name && release === 2))
    first?.restart()
    const headers = { 'If-None-Match': first?.tag ?? '' }
    const sent = await fetch(`${url}/models/shop@production?instance=${first?.name}`, { headers })
    await sent.arrayBuffer()
    expect([sent.status, sent.headers.get('slipway-release')]).to.deep.equal([200, '2'])
  })
})

function eachRelease({ items }: { items: { release: number | null }[] }): (number | null)[] {
  return items.map(({ release }) => release)
}
