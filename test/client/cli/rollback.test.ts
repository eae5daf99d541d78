import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { eventually } from '../../support/eventually.ts'
import { aFleetOn, PRODUCTION, type FleetUnderTest } from '../../support/fleet-under-test.ts'
import { runSlipway, type Ran } from '../../support/run-slipway.ts'

const TAG = 'shop@production'
const CANARY = ['--steps', '1,100%']

/** Three bots on release 2, which went from 1 to 2; release 3 is there, too. */
async function aFleet(): Promise<FleetUnderTest & { slipway: (...args: string[]) => Promise<Ran> }> {
  const fleet = await aFleetOn(3)
  const slipway = (...args: string[]): Promise<Ran> => callSlipway(args, { env: { SLIPWAY_URL: fleet.url } })
  const { code, error } = await fleet.whilePolling(slipway('promote', TAG, '2', '--wait'))
  expect(code, error).to.equal(0)
  const { digest } = await fleet.publish(anArchive())
  return { ...fleet, slipway, digests: { ...fleet.digests, 3: digest } }
}

describe('slipway rollback without a release', function () {
  this.timeout(60_000)

  it('says that Slipway had taken a release back just before, so that it went one further', async () => {
    const { bots, digests, slipway, whilePolling } = await aFleet()
    for (const bot of bots) bot.unloadable.add(digests[3]!)
    await whilePolling(slipway('promote', TAG, '3', ...CANARY, '--wait=60'))
    const foreseen = await slipway('rollback', TAG, '--dry-run')
    const { out, error } = await slipway('rollback', TAG)
    expect(out).to.equal('shop@production: release 2 → 1\n')
    const why =
      /^warning: shop@production: release 3 was taken back to release 2 already, at .*Z: this goes one release further back, to 1 \(slipway rollback shop@production 2 undoes it\)$/m
    expect([foreseen.error, error]).to.satisfy((all: string[]) => all.every((each) => why.test(each)), error)
  })

  for (const state of ['running', 'paused'])
    it(`says that it aborted the rollout that was ${state}`, async () => {
      for (const given of [[], ['--reason', 'lunch']]) {
        const { pollAll, slipway } = await aFleet()
        await slipway('promote', TAG, '3', ...CANARY, '--soak', '600')
        await pollAll(2)
        if (state === 'paused') await slipway('rollout', 'pause', TAG)
        const { out } = await slipway('rollback', TAG, ...given)
        expect(out).to.include('note: this aborted the rollout of release 3, which had not ended\n')
      }
    })

  it('says that a release was being taken back already, so that it went one further', async () => {
    const { pollAll, slipway } = await aFleet()
    await slipway('promote', TAG, '3', ...CANARY, '--soak', '600')
    await pollAll(2)
    await slipway('rollout', 'abort', TAG)
    const why =
      'warning: shop@production: release 3 is being taken back to release 2 already: this goes one release further back, to 1 '
    expect((await slipway('rollback', TAG, '--dry-run')).error).to.include(why)
    expect((await slipway('rollback', TAG)).error).to.include(why)
  })

  it('says that it passes over a release that not all bots were seen running', async () => {
    const { publish, slipway } = await aFleet()
    await publish(anArchive())
    await slipway('promote', TAG, '3')
    await slipway('promote', TAG, '4')
    const why =
      'warning: shop@production: release 3 is passed over, as not all bots were seen running it: this goes back to release 2\n'
    expect((await slipway('rollback', TAG, '--dry-run')).error).to.include(why)
    const { out, error } = await slipway('rollback', TAG)
    expect(error).to.include(why)
    expect(out).to.equal(
      'shop@production: release 4 → 2\nrelease 4 is being taken back: slipway rollout shop@production\nnote: this aborted the rollout of release 4, which had not ended\n',
    )
  })

  it('says, where there is none further back, that a release is being taken back already', async () => {
    const { pollAll, url } = await aFleetOn(3)
    const slipway = (...args: string[]) => callSlipway(args, { env: { SLIPWAY_URL: url } })
    await slipway('promote', TAG, '2')
    await pollAll(1)
    await slipway('rollback', TAG)
    const { code, error } = await slipway('rollback', TAG)
    expect(code).to.equal(10)
    expect(error).to.include('Release 2 is being taken back from "shop@production" already')
  })

  it('says that bots were still on their way to the release before', async () => {
    const { slipway, whilePolling } = await aFleet()
    await whilePolling(slipway('promote', TAG, '3', '--wait'))
    expect((await slipway('rollback', TAG)).out).to.equal('shop@production: release 3 → 2\n')
    const { out, error } = await slipway('rollback', TAG)
    expect(out).to.equal('shop@production: release 2 → 1\n')
    expect(error).to.match(
      /: it is being rolled back from release 3 to 2 already, and the bots are still on their way: this goes one/,
    )
  })

  it('says that somebody rolled back just before', async () => {
    const { slipway, whilePolling } = await aFleet()
    await whilePolling(slipway('promote', TAG, '3', '--wait'))
    await whilePolling(slipway('rollback', TAG, '--wait'))
    expect((await slipway('rollback', TAG, '--dry-run')).error).to.match(
      /: it was rolled back from release 3 to 2 already, at .*: this goes one release further back, to 1/,
    )
  })
})

describe('slipway rollback to a given release', function () {
  this.timeout(60_000)

  it('says that a newer one is brought out without the steps of the policy', async () => {
    const { slipway } = await aFleet()
    await slipway('policy', TAG, ...CANARY)
    const warning =
      'warning: shop@production: release 3 is newer than 2, and a rollback takes none of the steps, soak times and probes of the policy; to take them: slipway rollback shop@production 2, then slipway promote shop@production 3\n'
    expect((await slipway('rollback', TAG, '3', '--dry-run')).error).to.match(
      /of the policy; to take them: slipway promote shop@production 3 instead\n$/,
    )
    const { out, error } = await slipway('rollback', TAG, '3')
    expect([out, error]).to.deep.equal(['shop@production: release 2 → 3\n', warning])
    await slipway('rollback', TAG, '2')
    await slipway('promote', TAG, '3')
    const rollout: unknown = JSON.parse((await slipway('rollout', TAG, '--json')).out)
    expect(rollout).to.include({ to: 3, from: 2 }).and.have.property('steps').with.length(2)
  })

  it('says nothing of steps where none lead there: to `latest`, and back to what bots ran before', async () => {
    const { slipway } = await aFleet()
    await slipway('policy', TAG, ...CANARY)
    await slipway('policy', 'shop@latest', ...CANARY)
    await slipway('rollback', 'shop@latest', '2')
    expect((await slipway('rollback', 'shop@latest', '3')).error).not.to.include('is newer than')
    await slipway('rollback', TAG, '1')
    expect((await slipway('rollback', TAG, '2')).error).not.to.include('is newer than')
  })

  it('says nothing of steps where it goes to an older one, or there are none', async () => {
    const { slipway } = await aFleet()
    expect((await slipway('rollback', TAG, '3')).out).to.equal('shop@production: release 2 → 3\n')
    await slipway('policy', TAG, ...CANARY)
    expect((await slipway('rollback', TAG, '1')).error).not.to.include('is newer than')
  })
})

describe('slipway rollback --dry-run', function () {
  this.timeout(60_000)

  it('shows where a rollback leads, and changes nothing', async () => {
    const { slipway } = await aFleet()
    expect((await slipway('rollback', TAG, '--dry-run')).out).to.equal(
      'shop@production: a rollback to release 1 from 2 would take these steps; nothing was changed\n\nSTEP  TARGET  BOTS  NEW BOTS\n1     100%    3     pod-1, pod-2, pod-3\n',
    )
    expect((await slipway('rollback', TAG)).out).to.equal('shop@production: release 2 → 1\n')
  })

  it('shows one to a given release, with --now without the places of maxUpdating', async () => {
    const { slipway } = await aFleet()
    await slipway('policy', TAG, ...CANARY, '--max-updating', '1')
    const careful = (await slipway('rollback', TAG, '3', '--dry-run')).out
    expect(careful).to.match(/a rollback to release 3 from 2 .*\nat most 1 of them load at a time/)
    expect((await slipway('rollback', TAG, '3', '--now', '--dry-run')).out).not.to.include('at a time')
  })

  it('refuses what it cannot foresee', async () => {
    const { slipway } = await aFleet()
    for (const other of ['--wait', '--force'])
      expect(await slipway('rollback', TAG, '--dry-run', other)).to.include({ code: 2 })
  })
})

describe('slipway rollback --now', function () {
  this.timeout(60_000)

  it('has all bots go back at their next polls', async () => {
    const { bots, digests, pollAll, slipway } = await aFleet()
    await slipway('policy', TAG, '--max-updating', '1')
    const { out } = await slipway('rollback', TAG, '1', '--now')
    expect(out).to.equal(
      'shop@production: release 2 → 1\nnote: all bots get release 1 at their next polls, without --max-updating and --drain\n',
    )
    await pollAll(1)
    expect(bots.map(({ digest }) => digest)).to.deep.equal([digests[1], digests[1], digests[1]])
  })
})

describe('slipway rollback that is sent again with --now', function () {
  this.timeout(60_000)

  it('is waited for by who waits for the rollback that it hastens', async () => {
    const { url, request, slipway, whilePolling, lastRollout } = await aFleet()
    await slipway('policy', TAG, '--max-updating', '1', '--drain', '3000')
    const waiting = runSlipway(['rollback', TAG, '1', '--wait=30'], { env: { SLIPWAY_URL: url } })
    await eventually('it has begun', async () => (await lastRollout()).to === 1)
    await request.post(`${PRODUCTION}/rollback`).send({ release: 1, now: true }).expect(200)
    const { code, error } = await whilePolling(waiting)
    expect([code, error]).to.deep.equal([0, error])
  })

  it('is said to hasten the same rollback, and not to have replaced it', async () => {
    const { pollAll, slipway } = await aFleet()
    await slipway('policy', TAG, '--max-updating', '1')
    await slipway('rollback', TAG, '1')
    await pollAll(1)
    expect((await slipway('rollback', TAG, '1', '--now')).out).to.equal(
      'shop@production is release 1\nnote: all bots get release 1 at their next polls, without --max-updating and --drain\n',
    )
  })
})

describe('slipway promote during a rollout', function () {
  this.timeout(60_000)

  it('says that it replaced that rollout', async () => {
    const { pollAll, slipway } = await aFleet()
    await slipway('promote', TAG, '3', ...CANARY, '--soak', '600')
    await pollAll(2)
    expect((await slipway('promote', TAG, '1')).out).to.include(
      'note: this replaced the rollout of release 3, which had not ended\n',
    )
  })

  it('says so too where it brings the same release out in another way', async () => {
    const { slipway } = await aFleet()
    await slipway('promote', TAG, '3', ...CANARY, '--soak', '600')
    expect((await slipway('promote', TAG, '3', ...CANARY, '--soak', '900')).out).to.include(
      'note: this replaced the rollout of release 3, which had not ended\n',
    )
  })

  it('leaves one that is paused as it is where it is the same, and says so', async () => {
    const { slipway, lastRollout } = await aFleet()
    await slipway('promote', TAG, '3', ...CANARY)
    await slipway('rollout', 'pause', TAG, '--reason', 'ask Ana')
    expect((await slipway('promote', TAG, '3')).out).to.equal(
      'shop@production is release 2\nthe rollout of release 3 is paused: slipway rollout shop@production\n',
    )
    expect(await lastRollout()).to.include({ state: 'paused', reason: 'ask Ana' })
  })

  it('says so too where that one reaches all bots, but few at a time or to be watched', async () => {
    const { slipway } = await aFleet()
    for (const careful of [
      ['--max-updating', '1'],
      ['--soak', '600'],
    ]) {
      await slipway('promote', TAG, '3', ...careful)
      expect((await slipway('promote', TAG, '1')).out).to.include('this replaced the rollout of release 3')
    }
  })

  it('says that it aborted that rollout, and nothing where it asks for the same once more', async () => {
    const { pollAll, slipway } = await aFleet()
    await slipway('promote', TAG, '3', ...CANARY, '--soak', '600')
    await pollAll(2)
    expect((await slipway('promote', TAG, '3')).out).not.to.include('note: this')
    const { out } = await slipway('promote', TAG, '2')
    expect(out).to.include('note: this aborted the rollout of release 3').and.not.include('this replaced')
    expect((await slipway('promote', TAG, '2')).out).not.to.include('note: this')
  })
})

describe('what moves bots a few at a time', function () {
  this.timeout(60_000)

  it('is said to be rolled out, and of a rollback to be brought back', async () => {
    const { slipway } = await aFleet()
    const follow = 'release 3 is being rolled out: slipway rollout shop@production\n'
    expect((await slipway('promote', TAG, '3', '--max-updating', '1')).out).to.equal(
      `shop@production: release 2 → 3\n${follow}`,
    )
    await slipway('policy', TAG, '--max-updating', '1')
    expect((await slipway('rollback', TAG, '1')).out).to.include(
      'release 1 is being brought back: slipway rollout shop@production\n',
    )
  })
})

describe('a rollback to a release that was taken back', function () {
  this.timeout(60_000)

  it('is refused with the command that does it all the same', async () => {
    const { bots, digests, slipway, whilePolling } = await aFleet()
    for (const bot of bots) bot.unloadable.add(digests[3]!)
    await whilePolling(slipway('promote', TAG, '3', ...CANARY, '--wait=60'))
    const refused = await slipway('rollback', TAG, '3')
    expect(refused.code).to.equal(10)
    expect(refused.error).to.include('slipway rollback shop@production 3 --force')
    expect((await slipway('promote', TAG, '3')).error).to.include('slipway promote shop@production 3 --force')
  })
})
