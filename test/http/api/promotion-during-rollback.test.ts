import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { aFleetOn, PRODUCTION } from '../../support/fleet-under-test.ts'

describe('a promotion during a rollback that bots have not loaded yet', () => {
  it('goes back to what the rollback led to: what it came from was rejected', async () => {
    const { bots, request, publish, untilRollout, lastRollout } = await aFleetOn(3)
    await request.put(PRODUCTION).send({ release: 2 })
    await untilRollout('done')
    const third = await publish(anArchive())
    for (const bot of bots) bot.unloadable.add(third.digest)

    expect((await request.post(`${PRODUCTION}/rollback`)).body.release).to.equal(1)
    expect((await request.put(PRODUCTION).send({ release: 3 })).status).to.equal(200)

    expect((await lastRollout()).from).to.equal(1)
    await untilRollout('reverted')
    expect((await request.get(PRODUCTION)).body.release).to.equal(1)
  })
})
