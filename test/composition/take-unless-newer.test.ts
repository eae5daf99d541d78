import { expect } from 'chai'
import { takeUnlessNewer } from '../../server/composition/take-unless-newer.ts'
import { ToolFailure } from '../../server/tools/tool-failure.ts'
import { rejection } from '../contracts/catalog-support.ts'

describe('a backup amid an upgrade of several servers', () => {
  const newer = () =>
    Promise.reject(new ToolFailure(5, 'written by a newer Slipway', { reason: 'newer-catalog' }))
  const runs = () => Promise.resolve(true)
  const runsNot = () => Promise.resolve(false)

  it('is left to servers of the newer version, where such run', async () => {
    expect(await takeUnlessNewer(newer, runs)).to.equal('written by a newer Slipway')
  })

  it('fails where none of them runs any more, as nobody else takes one', async () => {
    expect(await rejection(takeUnlessNewer(newer, runsNot))).to.include({ reason: 'newer-catalog' })
  })

  it('fails for any other reason, whoever runs', async () => {
    const failing = () => Promise.reject(new ToolFailure(5, 'the bucket does not answer'))
    expect(await rejection(takeUnlessNewer(failing, runs))).to.include({
      message: 'the bucket does not answer',
    })
    expect(await takeUnlessNewer(() => Promise.resolve(), runs)).to.equal(undefined)
  })
})
