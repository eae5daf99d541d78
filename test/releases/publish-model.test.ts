import { expect } from 'chai'
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
