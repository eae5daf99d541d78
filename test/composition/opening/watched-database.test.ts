import { expect } from 'chai'
import { WatchedDatabase } from '../../../server/composition/opening/watched-database.ts'
import { rejection } from '../../contracts/catalog-support.ts'

describe('a database that is watched', () => {
  it('is not known while it does not answer, as another one may answer next', async () => {
    let read = () => Promise.resolve({ now: 0, began: 'first', refusal: undefined })
    const watched = await WatchedDatabase.watch(
      () => read(),
      () => 0,
    )
    const answers = read
    read = () => Promise.reject(new Error('it is away'))
    await rejection(watched.look())
    expect(watched.began).to.equal(undefined)
    read = answers
    await watched.look()
    expect(watched.began).to.equal('first')
  })

  it('tells where another one answers, also after a standby did, and not where it was only away', async () => {
    let began: string | undefined = 'first'
    const watched = await WatchedDatabase.watch(
      () => Promise.resolve({ now: 0, began, refusal: undefined }),
      () => 0,
    )
    const told: (string | undefined)[] = []
    watched.onOther(() => told.push(watched.began))
    for (began of ['first', undefined, 'first', undefined, 'second', 'second']) await watched.look()
    expect(told).to.deep.equal(['second'])
  })
})
