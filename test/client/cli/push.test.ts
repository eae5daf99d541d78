import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { aFleetOn, type FleetUnderTest } from '../../support/fleet-under-test.ts'
import type { Ran } from '../../support/run-slipway.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const TAG = 'shop@production'

/** One bot that runs release 1; `push` publishes an archive for production and staging. */
async function aFleet(): Promise<
  FleetUnderTest & { slipway: (...args: string[]) => Promise<Ran>; push: () => Promise<Ran> }
> {
  const fleet = await aFleetOn(1)
  const slipway = (...args: string[]): Promise<Ran> => callSlipway(args, { env: { SLIPWAY_URL: fleet.url } })
  const file = path.join(await temporaryDirectory(), 'new.tar.gz')
  await writeFile(file, anArchive())
  const push = (): Promise<Ran> =>
    slipway('push', file, '--model', 'shop', '--tag', 'production', '--tag', 'staging')
  return { ...fleet, slipway, push }
}

describe('slipway push --tag', function () {
  this.timeout(60_000)

  it('does not say of a tag that it was promoted where its rollout has only begun', async () => {
    const { slipway, push } = await aFleet()
    await slipway('policy', TAG, '--steps', '1,100%')
    const [first, ...others] = (await push()).out.split('\n')
    expect(first).to.match(/^shop#3 \([0-9a-f]{12}\), promoted to staging$/)
    expect(others).to.deep.equal([`${TAG}: release 3 is being rolled out: slipway rollout ${TAG}`, ''])
  })

  it('says how to follow what moves bots a few at a time', async () => {
    const { slipway, push } = await aFleet()
    await slipway('policy', TAG, '--max-updating', '1')
    expect((await push()).out).to.match(
      /promoted to production, staging\nshop@production: release 3 is being rolled out: slipway rollout shop@production\n$/,
    )
  })

  it('says of a tag whose rollout of the same bytes is paused that it stays so', async () => {
    const { slipway, push } = await aFleet()
    await slipway('policy', TAG, '--steps', '1,100%')
    await push()
    await slipway('rollout', 'pause', TAG)
    const { code, out } = await push()
    expect(code).to.equal(0)
    expect(out).to.include(`${TAG}: the rollout of release 3 stays paused: slipway rollout ${TAG}\n`)
    expect(out).not.to.include('is being rolled out')
  })

  it('warns where bots that run a release which is still on its way go back first', async () => {
    const { pollAll, slipway, push } = await aFleet()
    await slipway('promote', TAG, '2')
    await pollAll(1)
    await slipway('policy', TAG, '--steps', '1,100%')
    expect((await push()).error).to.include(
      `warning: ${TAG}: not all bots were seen running release 2: those that run it go back to release 1`,
    )
  })

  it('says where tags are that stay as they are, and how to promote what was taken back', async () => {
    const { bots, slipway, push, publish, whilePolling } = await aFleet()
    await slipway('policy', TAG, '--steps', '1,100%')
    await push()
    const { digest } = JSON.parse((await slipway('show', 'shop#3', '--json')).out) as { digest: string }
    bots[0]!.unloadable.add(digest)
    const { code } = await whilePolling(slipway('promote', TAG, '3', '--steps', '1,100%', '--wait=60'))
    expect(code).to.equal(1)
    await publish(anArchive())
    await slipway('promote', 'shop@staging', '1')
    const { out, error, code: pushed } = await push()
    expect(pushed).to.equal(0)
    expect(out).to.match(
      /^shop#5 \([0-9a-f]{12}\)\nshop@production is at release 1: slipway tags shop@production\n/,
    )
    expect(out).to.include('\nshop@staging is at release 1: slipway tags shop@staging\n')
    expect(error)
      .to.include('shop@production stays as it is')
      .and.include('slipway promote shop@production 5 --force')
  })
})
