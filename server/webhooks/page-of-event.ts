import type { ToldEvent } from './webhook.ts'

/**
 * The page of the dashboard that shows what an event is about (dashboard/page/address-of.ts).
 *
 * @param publicUrl Where people reach this server, ending in a slash.
 */
export function pageOfEvent(publicUrl: string, { type, model, tag, bot, data }: ToldEvent): string {
  if (model === null) return publicUrl
  const page = `${publicUrl}dashboard/models/${encodeURIComponent(model)}`
  switch (type) {
    case 'release.published':
      return typeof data['release'] === 'number' ? `${page}/releases/${data['release']}` : page
    case 'rollout.changed':
      return typeof data['id'] === 'string' ? `${page}/rollouts/${encodeURIComponent(data['id'])}` : page
    case 'tag.moved':
      // A tag that was deleted has no page.
      return tag === null || data['to'] === null ? page : `${page}/tags/${encodeURIComponent(tag)}`
    case 'load.failed':
    case 'bot.changed':
      return bot === null ? page : `${page}/bots/${encodeURIComponent(bot)}`
    case 'model.deleted':
      return publicUrl
    default:
      return page
  }
}
