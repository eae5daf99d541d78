import type { Webhook } from './webhook.ts'

/** A webhook's address for people and logs: path and query of Slack, Teams and others are secrets. */
export function shownTarget({ url }: Pick<Webhook, 'url'>): string {
  const { origin, pathname, search } = new URL(url)
  return pathname === '/' && search === '' ? `${origin}/` : `${origin}/…`
}
