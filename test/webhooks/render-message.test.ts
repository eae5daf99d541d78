import { expect } from 'chai'
import { renderMessage } from '../../server/webhooks/render-message.ts'
import { anEvent } from './an-event.ts'

const PUBLIC = 'https://slipway.example.com/'
const SENTENCE = 'shop@production moved from release 7 to release 8, by ci.'

describe('the body of a delivery', () => {
  it('is the event as the API tells it, with what Standard Webhooks ask for', () => {
    const body = JSON.parse(renderMessage('standard', anEvent(), PUBLIC)) as Record<string, unknown>
    expect(body).to.include({ type: 'tag.moved', timestamp: '2026-11-26T04:00:00.000Z', id: 7 })
    expect(body['data']).to.deep.equal({ from: 7, to: 8, movedBy: 'ci', reason: null })
    expect(body['text']).to.equal(SENTENCE)
    expect(body['url']).to.match(/^https:\/\/slipway\.example\.com\//)
  })

  it('is a sentence with a link for Slack', () => {
    const { text } = JSON.parse(renderMessage('slack', anEvent(), PUBLIC)) as { text: string }
    expect(text).to.match(/^shop@production moved .* <https:\/\/slipway\.example\.com\/[^|]*\|Open Slipway>$/)
  })

  it('is a sentence without a link where nobody said where people open the server', () => {
    expect(JSON.parse(renderMessage('slack', anEvent(), undefined))).to.include({ text: SENTENCE })
    expect(JSON.parse(renderMessage('standard', anEvent(), undefined))).to.include({ url: null })
  })

  it('lets no name of a bot mention a channel or become a link in Slack', () => {
    const bot = '<!channel> <https://evil.example|click>'
    const message = renderMessage('slack', anEvent({ type: 'load.failed', bot, data: {} }), undefined)
    expect(message).to.include('&lt;!channel&gt; &lt;https://evil.example|click&gt;')
    expect(JSON.parse(message)).to.include({ unfurl_links: false })
  })

  it('is a card for Teams, with a button, in which no name of a bot becomes a link', () => {
    const bot = '[click](https://evil.example)'
    const message = renderMessage('teams', anEvent({ type: 'load.failed', bot, data: {} }), PUBLIC)
    const { type, attachments } = JSON.parse(message) as {
      type: string
      attachments: { contentType: string; content: { body: { text: string }[]; actions: object[] } }[]
    }
    expect([type, attachments[0]?.contentType]).to.deep.equal([
      'message',
      'application/vnd.microsoft.card.adaptive',
    ])
    expect(attachments[0]?.content.body[0]?.text).to.include('\\[click\\]\\(https://evil.example\\)')
    expect(attachments[0]?.content.actions[0]).to.include({ type: 'Action.OpenUrl' })
  })
})
