import type { Bot } from '../../protocol/bot.ts'
import { failuresInWords } from './failures-in-words.ts'

/** What each hint means for the reader. */
const HINTS: Readonly<Record<Bot['hints'][number], string>> = {
  'etag-rewritten': 'a proxy rewrites entity tags',
  'compressed-on-the-way': 'a proxy compresses archives',
  'condition-stripped': 'a proxy strips what it asks for',
  'buffered-on-the-way': 'a proxy takes the archive in its place',
  'not-rasa': 'it is no Rasa that we know',
  'shared-name': 'several bots use this name',
}

/** What is to be said of a bot besides its state, the most important first. */
export function botNote({ failures, offered, hints }: Pick<Bot, 'failures' | 'offered' | 'hints'>): string {
  return [
    failures === null ? '' : `release ${failures.release}: ${failuresInWords(failures)}`,
    offered === null ? '' : offerInWords(offered),
    ...hints.map((hint) => HINTS[hint]),
  ]
    .filter((text) => text !== '')
    .join('; ')
}

function offerInWords({ release, sentAt, attempt }: NonNullable<Bot['offered']>): string {
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  return `${sentAt === null ? 'fetching' : 'loading'} release ${release}${again}`
}
