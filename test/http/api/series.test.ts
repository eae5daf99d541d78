import { expect } from 'chai'
import { pollSeriesSchema, tagSeriesSchema } from '../../../protocol/series.ts'
import { aFleetOn, PRODUCTION } from '../../support/fleet-under-test.ts'
import { aServer } from '../../support/server-under-test.ts'

describe('the series', () => {
  it('have what the bots of a tag ran, and what they asked, as it is described', async () => {
    const { request, pollAll, untilRollout } = await aFleetOn(2)
    const before = tagSeriesSchema.strict().parse((await request.get(`${PRODUCTION}/series`)).body)
    expect(before.points.map(({ releases }) => releases)).to.deep.equal([[{ release: 1, bots: 2 }]])
    await request.put(PRODUCTION).send({ release: 2 })
    await untilRollout('done')
    await pollAll(7)
    const { points, until } = tagSeriesSchema.strict().parse((await request.get(`${PRODUCTION}/series`)).body)
    expect(points.at(-1)?.releases).to.deep.equal([{ release: 2, bots: 2 }])
    expect(Date.parse(until)).to.be.at.least(Date.parse(points.at(-1)?.at ?? ''))
    const polls = pollSeriesSchema.strict().parse((await request.get('/api/v1/series')).body)
    expect(polls.points.reduce((sum, point) => sum + point.polls, 0)).to.be.at.least(14)
    expect(polls.points.at(-1)).to.include({ loads: 0, transfers: 0 })
  })

  it('of a tag that is not there are not found', async () => {
    const { request } = await aServer()
    const { body } = await request.get('/api/v1/models/shop/tags/production/series')
    expect(body).to.include({ status: 404, code: 'model-not-found' })
  })
})
