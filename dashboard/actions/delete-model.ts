import type { Bot } from '../../protocol/bot.ts'
import type { Model } from '../../protocol/model.ts'
import type { Page } from '../../protocol/page.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { at, type Api } from '../api/api.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import { nameSome } from '../text/name-some.ts'
import type { Action } from './action.ts'
import type { ModelBase } from './change-model.ts'
import { MANY, whoRunsIt } from './who-runs-it.ts'

/** Deletes a model with all that it has; where it is in use, only when the reader insists. */
export function deleteModel(
  { model, entityTag }: ModelBase,
  { releases, bytes }: Pick<Model, 'releases' | 'bytes'>,
  tags: readonly string[],
): Action {
  return {
    label: 'Delete the model',
    title: `Delete ${model} with all that it has`,
    tone: 'danger',
    permission: 'manage',
    says: [
      `${count(releases, 'release')}${bytes === null ? '' : ` (${readableSize(bytes)})`} and ${tags.length === 1 ? 'the tag' : 'the tags'} ${nameSome(tags, tags.length, 10)} go for good. It cannot be undone.`,
      'Its numbers are never given again, and the history of its tags stays.',
    ],
    foresee: async (api) => [await whoRunsModel(api, model)],
    call: {
      method: 'DELETE',
      path: at.model(model),
      ...(entityTag === null ? {} : { condition: { field: 'If-Match', value: entityTag } }),
    },
    command: ['slipway', 'delete', model, '--expect', String(releases)],
    takesReason: false,
    done: `${model} is deleted.`,
    leadsTo: addressOf.models(),
    insist: {
      code: 'model-in-use',
      label: 'Delete it all the same',
      query: 'force=true',
      option: '--force',
    },
  }
}

async function whoRunsModel(api: Api, model: string): Promise<string> {
  const query = new URLSearchParams({ model, limit: String(MANY) })
  const { items, next } = await api.get<Page<Bot>>(`api/v1/bots?${query.toString()}`)
  const bots = items
    .filter(({ state, release }) => state !== 'lost' && release !== null)
    .map(({ bot }) => bot)
  return whoRunsIt(bots, next === null, 'They keep what they run until they restart, and get nothing then.')
}
