import { DEFAULT_MODEL } from '../../protocol/names.ts'

/**
 * The name that a tag's archive has in the bucket. Where the template has no `{model}`, models other than `default` get
 * a folder of their own, as in the inbox: `production.tar.gz`, `shop/production.tar.gz`.
 */
export function exportName(template: string, model: string, tag: string): string {
  const name = template.replaceAll('{model}', model).replaceAll('{tag}', tag)
  return template.includes('{model}') || model === DEFAULT_MODEL ? name : `${model}/${name}`
}
