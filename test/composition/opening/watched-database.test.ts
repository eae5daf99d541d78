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
})
