import { expect } from 'chai'
import { addressOf } from '../../dashboard/page/address-of.ts'
import { pageOfEvent } from '../../server/webhooks/page-of-event.ts'
import type { ToldEvent } from '../../server/webhooks/webhook.ts'
import { anEvent } from './an-event.ts'

const PUBLIC = 'https://slipway.example.com/'
const pageOf = (differences: Partial<ToldEvent>): string => pageOfEvent(PUBLIC, anEvent(differences))

describe('the page that a message links to', () => {
  it('is that of the dashboard on which what happened is shown', () => {
    expect(pageOf({ type: 'tag.moved' })).to.equal(PUBLIC + addressOf.tag('shop', 'production'))
    expect(pageOf({ type: 'release.published', data: { release: 8 } })).to.equal(
      PUBLIC + addressOf.release('shop', 8),
    )
    expect(pageOf({ type: 'rollout.changed', data: { id: '42' } })).to.equal(
      PUBLIC + addressOf.rollout('shop', '42'),
    )
    expect(pageOf({ type: 'load.failed', bot: 'a/b c' })).to.equal(PUBLIC + addressOf.bot('shop', 'a/b c'))
  })

  it('is that of the model where a tag was deleted, and the first one where no model is named', () => {
    expect(pageOf({ type: 'tag.moved', data: { to: null } })).to.equal(PUBLIC + addressOf.model('shop'))
    expect(pageOf({ type: 'blob.damaged', model: null })).to.equal(PUBLIC + addressOf.overview())
  })
})
