import { expect } from 'chai'
import { CatalogMoving } from '../../server/catalog/moving.ts'
import { RefusedWrites } from '../../server/catalog/sqlite/refused-writes.ts'

describe('writes that are refused while a catalog is moved', () => {
  it('stay so where it is found to be damaged while somebody looks whether the move was given up', async () => {
    const look = Promise.withResolvers<undefined>()
    const done = Promise.withResolvers<undefined>()
    const move = Promise.withResolvers<undefined>()
    const refused = new RefusedWrites(
      {
        alone: async (work) => {
          await work()
          done.resolve(undefined)
        },
        rewrite: () => Promise.resolve(),
        requireStill: async () => {
          look.resolve(undefined)
          await move.promise
        },
      },
      {},
    )
    refused.pauseWhileMoving(new CatalogMoving('elsewhere', false))
    await look.promise
    refused.endForGood(new Error('database disk image is malformed'))
    move.resolve(undefined)
    await done.promise
    refused.close()
    expect(refused.refusal?.message).to.contain('is damaged')
  })
})
