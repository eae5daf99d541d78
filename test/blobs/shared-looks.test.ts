import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import type { BlobStat } from '../../server/blobs/blob-store.ts'
import { SharedLooks } from '../../server/blobs/shared-looks.ts'

describe('SharedLooks', () => {
  it('look once for all who ask in the same turn', async () => {
    const store = storeOf(['first'])
    const looks = new SharedLooks(store)
    const seen = await Promise.all([looks.look('a'), looks.look('a'), looks.look('a')])
    expect(seen.map((stat) => stat?.version)).to.deep.equal(['first', 'first', 'first'])
    expect(store.looked).to.deep.equal(['a'])
  })

  it('begin after the last of those who share a look has asked', async () => {
    const store = storeOf(['before', 'after'])
    const looks = new SharedLooks(store)
    const first = looks.look('a')
    await Promise.resolve()
    store.answers.shift()
    const second = looks.look('a')
    expect([(await first)?.version, (await second)?.version]).to.deep.equal(['after', 'after'])
  })

  it('look anew for whoever asks while a look is under way', async () => {
    const store = storeOf(['first', 'second'])
    const looks = new SharedLooks(store)
    const first = looks.look('a')
    while (store.looked.length === 0) await nextTurn()
    const second = looks.look('a')
    expect([(await first)?.version, (await second)?.version]).to.deep.equal(['first', 'second'])
  })

  it('look at each blob by itself', async () => {
    const store = storeOf(['one', 'other'])
    const looks = new SharedLooks(store)
    await Promise.all([looks.look('a'), looks.look('b')])
    expect(store.looked).to.deep.equal(['a', 'b'])
  })

  it('tell all who share a look that it failed, and look anew for the next', async () => {
    const store = storeOf([new Error('the disk fails'), 'sound'])
    const looks = new SharedLooks(store)
    const failed = await Promise.allSettled([looks.look('a'), looks.look('a')])
    expect(failed.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    expect((await looks.look('a'))?.version).to.equal('sound')
  })
})

interface LookedAt {
  answers: (string | Error)[]
  looked: string[]
  stat: (digest: string) => Promise<BlobStat | undefined>
}

/** A store that answers each look with the next version, or error, of a list. */
function storeOf(answers: (string | Error)[]): LookedAt {
  const looked: string[] = []
  return {
    answers,
    looked,
    async stat(digest) {
      looked.push(digest)
      const answer = answers.shift()
      await nextTurn()
      if (answer instanceof Error) throw answer
      return answer === undefined ? undefined : { digest, size: 1, version: answer, modifiedAt: 0 }
    },
  }
}
