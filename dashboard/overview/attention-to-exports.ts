import type { Export } from '../../protocol/export.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import { nameSome } from '../text/name-some.ts'
import type { Attention } from './attention.ts'

/** One failure is no matter: it is tried again within a minute. */
const MATTERS = 3

/** Copies in a bucket that fail again and again: whoever reads from there goes on with what was there before. */
export function attentionToExports(exports: readonly Export[]): Attention[] {
  const failed = exports.filter(({ state, attempts }) => state === 'failed' && attempts >= MATTERS)
  const [first] = failed
  if (first === undefined) return []
  const names = failed.map(({ model, tag }) => `${model}@${tag}`)
  return [
    {
      key: 'exports',
      urgency: 'soon',
      sentence: `${count(failed.length, 'export')} of tags to the bucket ${failed.length === 1 ? 'fails' : 'fail'}: ${nameSome(names)}. Whoever reads from there gets the archive from before.`,
      detail: first.lastError === null ? null : `Seen last: ${first.lastError}.`.replace(/\.\.$/, '.'),
      actions: [],
      links: [{ label: 'Show the exports', href: addressOf.exports() }],
      command: null,
    },
  ]
}
