import { botInPath } from '../api/bot-in-path.ts'

/** The addresses of pages, below the server's root. */
export const addressOf = {
  overview: () => '',
  models: () => 'dashboard/models',
  model: (model: string) => `dashboard/models/${encodeURIComponent(model)}`,
  tag: (model: string, tag: string) => `${addressOf.model(model)}/tags/${encodeURIComponent(tag)}`,
  release: (model: string, release: number) => `${addressOf.model(model)}/releases/${release}`,
  compare: (model: string, from: number, to: number) =>
    `${addressOf.model(model)}/compare?from=${from}&to=${to}`,
  timeline: (model: string) => `${addressOf.model(model)}/timeline`,
  bots: (query: Readonly<Record<string, string | undefined>> = {}) => withQuery('dashboard/bots', query),
  bot: (model: string, bot: string) => `${addressOf.model(model)}/bots/${botInPath(bot)}`,
  rollouts: (query: Readonly<Record<string, string | undefined>> = {}) =>
    withQuery('dashboard/rollouts', query),
  rollout: (model: string, id: string) => `${addressOf.model(model)}/rollouts/${encodeURIComponent(id)}`,
  publish: (model?: string) => withQuery('dashboard/publish', { model }),
  tokens: () => 'dashboard/tokens',
  webhooks: () => 'dashboard/webhooks',
  webhook: (id: string) => `dashboard/webhooks/${encodeURIComponent(id)}`,
  exports: () => 'dashboard/exports',
  audit: () => 'dashboard/audit',
  api: () => 'docs',
}

/** An address with what of a query is given. */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  if (given.length === 0) return path
  return `${path}?${new URLSearchParams(given as [string, string][]).toString()}`
}
