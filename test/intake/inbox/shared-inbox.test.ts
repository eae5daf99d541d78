import { expect } from 'chai'
import { aroundWrites } from '../../../server/catalog/around-writes.ts'
import type { Catalog } from '../../../server/catalog/catalog.ts'
import { aCatalog } from '../../support/a-catalog.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { anInbox, put } from './inbox-under-test.ts'

/** A catalog whose writes begin when `until` resolves; `onWrite` is told of the first. */
function waiting(catalog: Catalog, until: Promise<unknown>, onWrite: () => void = () => undefined): Catalog {
  return aroundWrites(catalog, async (run, work) => {
    onWrite()
    await until
    return await run(work)
  })
}

async function names(catalog: Catalog): Promise<string[]> {
  return (await catalog.listReleases('default', { limit: 100 })).map(({ filename }) => filename).reverse()
}

describe('the inboxes of two servers over one catalog', () => {
  it('that are the same folder publish each file once, also where one of them slept before it wrote', async () => {
    const folder = await temporaryDirectory()
    const catalog = await aCatalog()
    const [sleeps, wakesUp] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const slow = await anInbox({
      folder,
      isShared: true,
      catalog: waiting(catalog, wakesUp.promise, () => {
        sleeps.resolve(undefined)
      }),
    })
    const quick = await anInbox({ folder, isShared: true, catalog: waiting(catalog, sleeps.promise) })
    await Promise.all([slow.inbox.start(), quick.inbox.start()])
    await put(folder, 'a.tar.gz', anArchive({ payloadBytes: 100 }))
    await quick.told('published', 'a.tar.gz')
    await put(folder, 'b.tar.gz', anArchive({ payloadBytes: 200 }))
    await quick.told('published', 'b.tar.gz')
    wakesUp.resolve(undefined)
    await slow.told('known', 'a.tar.gz')
    expect(await names(catalog)).to.deep.equal(['a.tar.gz', 'b.tar.gz'])
    expect(await quick.latest()).to.equal(2)
  })

  it('that are two folders publish what lies in each, under the same name, too', async () => {
    const catalog = await aCatalog()
    const inboxes = [await anInbox({ catalog, isShared: true }), await anInbox({ catalog, isShared: true })]
    for (const [index, under] of inboxes.entries()) {
      const { inbox, folder } = under
      await inbox.start()
      await put(folder, 'a.tar.gz', anArchive({ payloadBytes: 100 * (index + 1) }))
      await under.told('published', 'a.tar.gz')
    }
    expect(await names(catalog)).to.deep.equal(['a.tar.gz', 'a.tar.gz'])
  })
})
