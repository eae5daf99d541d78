import type { Bot } from '../../protocol/bot.ts'
import type { Page } from '../../protocol/page.ts'
import type { Tag } from '../../protocol/tag.ts'
import { at, type Api } from '../api/api.ts'
import { addressOf } from '../page/address-of.ts'
import { nameSome } from '../text/name-some.ts'
import type { Action } from './action.ts'
import { MANY, whoRunsIt } from './who-runs-it.ts'

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
    whoRunsIt(
      bots.items.map(({ bot }) => bot),
      bots.next === null,
      'They go on running it, but could not get it again after a restart.',
    ),
    ...(pointing.length === 0 ? [] : [`${nameSome(pointing)} points at it: the server will refuse.`]),
  ]
}
