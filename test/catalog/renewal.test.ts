import { expect } from 'chai'
import { Renewal } from '../../server/catalog/postgres/renewal.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

/** Renews every millisecond, as `renew` says, and counts. */
function aRenewal(renew: () => Promise<boolean>, goodFor?: number) {
  const counts = { renewed: 0, lost: 0 }
  const renewal = new Renewal({
    every: 1,
    ...(goodFor === undefined ? {} : { goodFor }),
    renew() {
      counts.renewed++
      return renew()
    },
    onLost() {
      counts.lost++
    },
  })
  afterThisTest(() => renewal.stop())
  return { counts, renewal }
}

describe('Renewal', () => {
  it('renews again and again, also after one that failed, until it is stopped', async () => {
    let isAway = true
    const { counts, renewal } = aRenewal(() =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve(true),
    )
    await eventually('it was tried again', () => counts.renewed > 2)
    isAway = false
    const before = counts.renewed
    await eventually('it went on', () => counts.renewed > before + 2)
    await renewal.stop()
    const { renewed } = counts
    await new Promise((resolve) => setImmediate(resolve))
    expect(counts).to.deep.equal({ renewed, lost: 0 })
  })

  it('ends with the first that finds it lost, and tells that once', async () => {
    const { counts, renewal } = aRenewal(() => Promise.resolve(false))
    await eventually('it was told', () => counts.lost > 0)
    await renewal.stop()
    expect(counts).to.deep.equal({ renewed: 1, lost: 1 })
  })

  it('is lost where no renewal succeeded for as long as one is good', async () => {
    const { counts, renewal } = aRenewal(() => Promise.reject(new Error('away')), 20)
    await eventually('it was told', () => counts.lost > 0)
    const { renewed } = counts
    await renewal.stop()
    expect(counts).to.deep.equal({ renewed, lost: 1 })
  })

  it('tells nothing of a loss that it finds while it is stopped', async () => {
    const answer = Promise.withResolvers<boolean>()
    const { counts, renewal } = aRenewal(() => answer.promise)
    await eventually('it asks', () => counts.renewed === 1)
    const stopped = renewal.stop()
    answer.resolve(false)
    await stopped
    expect(counts).to.deep.equal({ renewed: 1, lost: 0 })
  })
})
