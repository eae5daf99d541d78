import { at, type Api } from '../api/api.ts'
import { count } from '../text/count.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import type { Pruned } from '../../protocol/prune.ts'
import type { Action } from './action.ts'

/** Releases that stay whether anything uses them or not. */
const KEPT = 20

/** Deletes the releases of a model that nothing uses. */
export function pruneReleases(model: string): Action {
  const body = { keepReleases: KEPT }
  return {
    label: 'Prune',
    title: `Delete the releases of ${model} that nothing uses`,
    tone: 'danger',
    permission: 'manage',
    says: [
      `The newest ${KEPT} releases stay, and every one that a tag points at or did lately, that a rollout may need, or that a bot was seen running.`,
    ],
    foresee: (api) => foresee(api, model, body),
    call: { method: 'POST', path: `${at.model(model)}/prune`, body },
    command: ['slipway', 'prune', model, '--keep-releases', String(KEPT)],
    takesReason: false,
    done: `The releases of ${model} that nothing uses are deleted.`,
  }
}

async function foresee(api: Api, model: string, body: { keepReleases: number }): Promise<string[]> {
  const { pruned, kept, freedBytes } = await api.ask<Pruned>(`${at.model(model)}/prune`, {
    ...body,
    dryRun: true,
  })
  if (pruned.length === 0) return [`Nothing would go: ${count(kept.length, 'release')} stay.`]
  const [newest, oldest] = [pruned[0]?.number ?? 0, pruned.at(-1)?.number ?? 0]
  const which =
    pruned.length === 1
      ? `Release ${newest} goes`
      : `${count(pruned.length, 'release')} go, from ${oldest} to ${newest}`
  return [
    `${which}; ${readableSize(freedBytes)} get free. ${count(kept.length, 'release')} stay. It cannot be undone.`,
  ]
}
