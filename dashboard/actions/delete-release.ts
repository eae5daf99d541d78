import type { Bot } from '../../protocol/bot.ts'
import type { Page } from '../../protocol/page.ts'
import type { Tag } from '../../protocol/tag.ts'
import { at, type Api } from '../api/api.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import { nameSome } from '../text/name-some.ts'
import type { Action } from './action.ts'

/** More bots than this are counted no further before a deletion: the reader knows enough. */
const MANY = 1_000

/** Deletes a release that no tag points at. */
export function deleteRelease(model: string, number: number): Action {
  return {
    label: 'Delete',
    title: `Delete release ${number} of ${model}`,
    tone: 'danger',
    permission: 'manage',
    says: ['The release and its archive go for good; its number is never given again.'],
    foresee: (api) => foresee(api, model, number),
    call: { method: 'DELETE', path: at.release(model, number) },
    command: ['slipway', 'delete', `${model}#${number}`],
    takesReason: false,
    done: `Release ${number} of ${model} is deleted.`,
    leadsTo: addressOf.model(model),
  }
}

async function foresee(api: Api, model: string, number: number): Promise<string[]> {
  const [bots, tags] = await Promise.all([
    api.get<Page<Bot>>(`${at.release(model, number)}/bots?limit=${MANY}`),
    api.get<Page<Tag>>(`${at.model(model)}/tags`),
  ])
  const pointing = tags.items.filter(({ release }) => release === number).map(({ tag }) => tag)
  return [
    whoRunsIt(bots),
    ...(pointing.length === 0 ? [] : [`${nameSome(pointing)} points at it: the server will refuse.`]),
  ]
}

/** Who would be touched by the going of a release. */
function whoRunsIt({ items, next }: Page<Bot>): string {
  const names = items.map(({ bot }) => bot)
  if (names.length === 0) return 'No bot runs it: nobody is touched.'
  const many = next === null ? count(names.length, 'bot') : `more than ${count(MANY, 'bot')}`
  return `${many} ${names.length === 1 ? 'runs' : 'run'} it: ${nameSome(names)}. They go on running it, but could not get it again after a restart.`
}
