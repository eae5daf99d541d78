import { count } from '../text/count.ts'
import { nameSome } from '../text/name-some.ts'

/** More bots than this are counted no further before a deletion: the reader knows enough. */
export const MANY = 1_000

/** Who would be touched by a deletion. @param areAll Whether there are no more bots. @param then What becomes of them, as a sentence. */
export function whoRunsIt(bots: readonly string[], areAll: boolean, then: string): string {
  if (bots.length === 0) return 'No bot runs it: nobody is touched.'
  const many = areAll ? count(bots.length, 'bot') : `more than ${count(bots.length, 'bot')}`
  return `${many} ${bots.length === 1 ? 'runs' : 'run'} it: ${nameSome(bots)}. ${then}`
}
