import { byteSizeText } from '../../protocol/byte-size.ts'
import type { Model } from '../../protocol/model.ts'
import type { Quota } from '../../protocol/quota.ts'
import type { SignaturePolicy } from '../../protocol/signature.ts'
import { at } from '../api/api.ts'
import { quotaInWords, quotaUse } from '../models/quota-words.ts'
import { requirementInWords, signerInWords } from '../signatures/signature-in-words.ts'
import type { Action } from './action.ts'

/** A model whose settings are changed, as its reader saw it. */
export interface ModelBase {
  readonly model: string
  /** Names its settings as they were; null: the server gave them no name. */
  readonly entityTag: string | null
}

/** What a model has, and may have so far. */
type QuotaUse = Pick<Model, 'quota' | 'releases' | 'bytes'>

/** Has polls that name no tag mean another one. */
export function changeDefaultTag(base: ModelBase, from: string, tag: string): Action {
  const { model } = base
  return {
    ...settingsCall(base, { defaultTag: tag }),
    label: 'Change the default tag',
    title: `Have polls of ${model} without a tag mean ${tag}`,
    says: [
      `Bots that poll /models/${model} and name no tag get what ${tag} points at from their next poll on, instead of ${from}.`,
      'Where the two point at different releases this is a promotion for them, with the pace of the policy of the new one.',
    ],
    command: ['slipway', 'default-tag', model, tag],
    done: `Polls of ${model} without a tag mean ${tag} now.`,
  }
}

/** Says whose signature a publish needs from now on. */
export function changeSignatures(base: ModelBase, signatures: SignaturePolicy | null): Action {
  const { model } = base
  return {
    ...settingsCall(base, { signatures }),
    label: signatures === null ? 'Require none' : 'Require signatures',
    title: `Change whose signature an archive of ${model} needs`,
    tone: signatures === null ? 'danger' : 'help',
    says: [
      requirementInWords(signatures),
      ...(signatures?.require.map((signer) => `Counts: ${signerInWords(signer)}.`) ?? []),
      'Releases that are there already stay, and can be promoted.',
    ],
    command: null,
    done: `What archives of ${model} need is saved.`,
  }
}

/** Says how much a model may have from now on. @param quota null in both: nothing limits it. */
export function changeQuota(base: ModelBase, now: QuotaUse, quota: Quota): Action {
  const { model } = base
  const isNone = quota.releases === null && quota.bytes === null
  const use = quotaUse({ ...now, quota })
  return {
    ...settingsCall(base, { quota: isNone ? null : quota }),
    label: isNone ? 'Lift the quota' : 'Change the quota',
    title: `Change how much ${model} may have`,
    says: [
      `${model} may have ${quotaInWords(quota)}; so far it may have ${quotaInWords(now.quota)}.`,
      ...(use === undefined ? [] : [`With it ${model} has ${use}.`]),
      'A publish that would be more is refused; nothing is deleted.',
    ],
    command: [
      'slipway',
      'quota',
      model,
      '--releases',
      String(quota.releases ?? 'none'),
      '--bytes',
      quota.bytes === null ? 'none' : byteSizeText(quota.bytes),
    ],
    done: `How much ${model} may have is saved.`,
  }
}

function settingsCall(
  { model, entityTag }: ModelBase,
  body: Readonly<Record<string, unknown>>,
): Pick<Action, 'call' | 'permission' | 'takesReason' | 'tone'> {
  return {
    call: {
      method: 'PATCH',
      path: at.model(model),
      body,
      ...(entityTag === null ? {} : { condition: { field: 'If-Match', value: entityTag } }),
    },
    permission: 'manage',
    takesReason: false,
    tone: 'help',
  }
}
