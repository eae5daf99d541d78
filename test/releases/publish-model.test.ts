import { expect } from 'chai'
import { promoteRelease } from '../../server/releases/promote-release.ts'
import { publishModel } from '../../server/releases/publish-model.ts'
import { rollBackTag } from '../../server/releases/roll-back-tag.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { digestOfText, upkeepParts, type UpkeepParts } from '../upkeep/upkeep-support.ts'

describe('publishing the bytes of the highest release again', () => {
  let parts: UpkeepParts

  beforeEach(async () => {
    parts = await upkeepParts()
    for (const text of ['one', 'two']) await parts.publish(text)
  })

  const latest = async () => (await parts.catalog.findTag('shop', 'latest'))?.release

  it('makes no new release, and leaves `latest` where it is', async () => {
    const before = await parts.catalog.findTag('shop', 'latest')
    expect(await parts.publish('two')).to.include({ number: 2 })
    expect(await parts.catalog.findTag('shop', 'latest')).to.deep.equal(before)
  })

  it('moves `latest` there again after it was rolled back', async () => {
    await rollBackTag(parts, { model: 'shop', tag: 'latest', by: 'anonymous' })
    expect(await latest()).to.equal(1)
    expect(await parts.publish('two')).to.include({ number: 2 })
    expect(await latest()).to.equal(2)
  })

  it('does not move it past an If-Match that names another release', async () => {
    await rollBackTag(parts, { model: 'shop', tag: 'latest', by: 'anonymous' })
    const expectsLatest = (digest: string | undefined) => digest === digestOfText('two')
    async function* body() {
      yield await Promise.resolve(Buffer.from('two'))
    }
    const terms = { model: 'shop', publishedBy: 'anonymous', expectsLatest }
    expect(await rejection(publishModel(parts, body(), terms))).to.include({ code: 'precondition-failed' })
    expect(await latest()).to.equal(1)
  })
})

describe('publishing bytes that were taken back before', () => {
  const quarantined = async () => {
    const parts = await upkeepParts()
    for (const text of ['one', 'two']) await parts.publish(text)
    await rollBackTag(parts, { model: 'shop', tag: 'latest', by: 'anonymous' })
    await takeTwoBack(parts)
    return parts
  }
  const takeTwoBack = async (parts: UpkeepParts) => {
    const why = { at: 0, reason: 'pod-3 could not load it' }
    await parts.catalog.write('shop', (writer) => writer.quarantine('shop', digestOfText('two'), why))
  }
  const publishTwo = (parts: UpkeepParts, force: boolean) => {
    async function* body() {
      yield await Promise.resolve(Buffer.from('two'))
    }
    return publishModel(parts, body(), { model: 'shop', publishedBy: 'ci', tags: ['staging'], force })
  }

  it('moves no tag, and says so', async () => {
    const parts = await quarantined()
    const outcome = await publishTwo(parts, false)
    const warnings = 'warnings' in outcome ? outcome.warnings : []
    expect(warnings.map(({ code }) => code)).to.deep.equal(['release-quarantined', 'release-quarantined'])
    expect(warnings[0]?.message).to.include('shop@latest stays').and.include('pod-3 could not load it')
    expect(await parts.catalog.findTag('shop', 'staging')).to.equal(undefined)
    expect(await parts.catalog.findTag('shop', 'latest')).to.include({ release: 1 })
  })

  it('does not abort a rollout away from them, and says so', async () => {
    const parts = await upkeepParts()
    for (const text of ['one', 'two']) await parts.publish(text)
    await publishTwo(parts, false)
    const policy = { steps: [1, '100%'], soak: 600 }
    await promoteRelease(parts, { model: 'shop', tag: 'staging', release: 1, by: 'ann', policy })
    await takeTwoBack(parts)
    const outcome = await publishTwo(parts, false)
    const warnings = 'warnings' in outcome ? outcome.warnings : []
    expect(warnings.map(({ message }) => message).join()).to.include('shop@staging stays as it is')
    expect(await parts.catalog.findRolloutUnderWay('shop', 'staging')).to.include({ state: 'running' })
  })

  it('leaves a paused rollout of them as it is', async () => {
    const parts = await upkeepParts()
    for (const text of ['one', 'two']) await parts.publish(text)
    for (const release of [1, 2])
      await promoteRelease(parts, { model: 'shop', tag: 'staging', release, by: 'ann' })
    await parts.tagMover.change('shop', async (change) => {
      const rollout = change.find('staging')
      if (rollout !== null) await change.apply({ rollout: { ...rollout, state: 'paused' }, effects: [] })
    })
    await takeTwoBack(parts)
    await publishTwo(parts, false)
    expect(await parts.catalog.findRolloutUnderWay('shop', 'staging')).to.include({ state: 'paused' })
  })

  it('moves them with force, which ends the quarantine', async () => {
    const parts = await quarantined()
    await publishTwo(parts, true)
    expect(await parts.catalog.findTag('shop', 'latest')).to.include({ release: 2 })
    expect(await parts.catalog.findQuarantine('shop', digestOfText('two'))).to.equal(undefined)
  })

  it('raises an event for what was published, but not for what was published before', async () => {
    const parts = await quarantined()
    await publishTwo(parts, true)
    const events = await parts.catalog.listEventsAfter(0, 100)
    const published = events.filter(({ kind }) => kind === 'release.published')
    expect(published.map(({ body }) => body['release'])).to.deep.equal([1, 2])
  })
})
