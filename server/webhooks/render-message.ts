import type { ToldEvent } from './webhook.ts'
import type { WebhookFormat } from '../../protocol/webhook.ts'
import { describeEvent } from './describe-event.ts'
import { pageOfEvent } from './page-of-event.ts'

/** What is said of it in a title: what a click leads to. */
const LINK_TITLE = 'Open Slipway'

/**
 * The body of a delivery, JSON.
 *
 * @param publicUrl Where people reach this server; undefined: messages have no link.
 */
export function renderMessage(
  format: WebhookFormat,
  event: ToldEvent,
  publicUrl: string | undefined,
): string {
  const sentence = describeEvent(event)
  const url = publicUrl === undefined ? undefined : pageOfEvent(publicUrl, event)
  switch (format) {
    case 'standard':
      // `type`, `timestamp` and `data` are what Standard Webhooks ask for.
      return JSON.stringify({ ...event, timestamp: event.at, text: sentence, url: url ?? null })
    case 'slack':
      return JSON.stringify(slackMessage(sentence, url))
    case 'teams':
      return JSON.stringify(teamsMessage(sentence, url))
  }
}

/** An incoming webhook of Slack. Its previews would fetch whatever address a bot's name holds. */
function slackMessage(sentence: string, url: string | undefined): object {
  const text = sentence.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const link = url === undefined ? '' : ` <${url}|${LINK_TITLE}>`
  return { text: `${text}${link}`, unfurl_links: false, unfurl_media: false }
}

/** The card that "Post to a channel when a webhook request is received" of Teams' Workflows takes. */
function teamsMessage(sentence: string, url: string | undefined): object {
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [{ type: 'TextBlock', text: withoutMarkdown(sentence), wrap: true }],
    actions: url === undefined ? [] : [{ type: 'Action.OpenUrl', title: LINK_TITLE, url }],
  }
  return {
    type: 'message',
    attachments: [
      { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card },
    ],
  }
}

/** Names of bots come from polls: none becomes a link in a card. */
function withoutMarkdown(text: string): string {
  return text.replace(/[\\[\]()*_`~<>#]/g, '\\$&')
}
