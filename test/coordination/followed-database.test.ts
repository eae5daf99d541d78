import { expect } from 'chai'
import { FollowedDatabase, type Judgement, type Look } from '../../server/coordination/followed-database.ts'

describe('a database that is followed', () => {
  const same: Look = { database: 'first', lacks: false }
  const lost: Look = { database: 'first', lacks: true }
  const other: Look = { database: 'second', lacks: false }
  const otherLost: Look = { database: 'second', lacks: true }
  const standby: Look = { database: undefined, lacks: true }

  /** What one judges of looks of which each is asked for when the one before was not enough. */
  const judged = async (looks: readonly Look[], followed = aFollowed()): Promise<Judgement> => {
    const left = [...looks]
    const { answer, judgement } = await followed.look(() => Promise.resolve(left.shift()!))
    expect([left, answer]).to.deep.equal([[], looks.at(-1)])
    return judgement
  }
  const aFollowed = (database: string | undefined = 'first') =>
    new FollowedDatabase(database, () => Promise.resolve())

  it('is further where it lacks nothing, and is looked at once', async () => {
    expect(await judged([same])).to.equal('further')
  })

  it('is the first that answers where none was read before', async () => {
    const followed = new FollowedDatabase(undefined, () => Promise.resolve())
    expect(await judged([other], followed)).to.equal('further')
    expect(await judged([same, same], followed)).to.equal('another')
  })

  it('has lost what a second look does not find either', async () => {
    expect(await judged([lost, lost])).to.equal('another')
    expect(await judged([otherLost, otherLost])).to.equal('another')
  })

  it('has lost nothing that the second look finds', async () => {
    expect(await judged([lost, same])).to.equal('further')
  })

  it('has lost nothing that the second look alone does not find', async () => {
    expect(await judged([other, otherLost])).to.equal('behind')
  })

  it('is another one where a second look says so too, also where nothing is older in it', async () => {
    expect(await judged([other, other])).to.equal('another')
    expect(await judged([otherLost, other])).to.equal('another')
  })

  it('is behind where a standby answers, be it at the second look', async () => {
    expect(await judged([standby])).to.equal('behind')
    expect(await judged([lost, standby])).to.equal('behind')
    expect(await judged([other, standby])).to.equal('behind')
  })

  it('is behind where each look finds another one', async () => {
    expect(await judged([other, { database: 'third', lacks: false }])).to.equal('behind')
    expect(await judged([other, lost])).to.equal('behind')
  })

  it('goes on to be the one before until all was read anew from another one', async () => {
    const followed = aFollowed()
    expect(await judged([other, other], followed)).to.equal('another')
    expect(await judged([other, other], followed)).to.equal('another')
    followed.follow(other)
    expect(await judged([other], followed)).to.equal('further')
    expect(await judged([same, same], followed)).to.equal('another')
  })

  it('is still followed where a standby answered meanwhile', async () => {
    const followed = aFollowed()
    await judged([standby], followed)
    expect(await judged([same], followed)).to.equal('further')
  })

  it('is looked at again only after the pause', async () => {
    const order: string[] = []
    const followed = new FollowedDatabase('first', () => Promise.resolve(order.push('pause')))
    await followed.look(() => {
      order.push('look')
      return Promise.resolve(lost)
    })
    expect(order).to.deep.equal(['look', 'pause', 'look'])
  })
})
