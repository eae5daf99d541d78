import { IMMEDIATE, type RolloutPolicy } from '../../protocol/rollout-policy.ts'
import {
  newProcess,
  type Failure,
  type ProcessRecord,
  type Target,
} from '../../server/fleet/process-record.ts'
import { advanceRollout } from '../../server/rollouts/advance-rollout.ts'
import { beginRollout } from '../../server/rollouts/begin-rollout.ts'
import type { Advanced, Effect } from '../../server/rollouts/effect.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { NEW, OLD, SECOND, START } from '../fleet/facts.ts'

/** A unit with one process that has run the old release for an hour, but for what is said. */
export function unit(id: string, process: Partial<ProcessRecord> = {}, more: Partial<Unit> = {}): Unit {
  const source = { instance: id, token: null, address: `10.0.0.${id.replace(/\D/g, '')}` }
  const record = newProcess(id, 'production', source, START - 3_600_000)
  const runs = { digest: OLD.digest, polls: 2, since: START - 3_000_000, lastSeen: START, ...process }
  const facts = { isEvidence: true, mayBeInvented: true, hints: [] }
  return { id, bot: id, ...facts, source, processes: [{ ...record, ...runs }], ...more }
}

/** Units `pod-1` to `pod-n`. */
export function fleet(count: number, process: Partial<ProcessRecord> = {}): Unit[] {
  return Array.from({ length: count }, (_, index) => unit(`pod-${index + 1}`, process))
}

/** What a process looks like that loaded a release at `at` (milliseconds) and was seen running it since. */
export function loaded(release: Target, at: number, lastSeen = at): Partial<ProcessRecord> {
  return { digest: release.digest, since: at, lastSeen, polls: 2 }
}

/** What a process looks like whose loads of a release failed. */
export function failed(release: Target, loads = 3, more: Partial<Failure> = {}): Partial<ProcessRecord> {
  const counts = { loads, transfers: 0, restarts: 0, restartsInRow: 0, lastAt: START, reason: 'seen' }
  return { failures: [{ ...release, ...counts, ...more }], standing: 'left-alone' }
}

/** What a process looks like that was sent the new release and has not polled since. */
export const LOADING: Partial<ProcessRecord> = {
  offer: { ...NEW, begunAt: START, sentAt: START, attempt: 1, stream: 's' },
}

/** Where units of a step are replaced by what `change` makes of them. */
export function change(
  units: readonly Unit[],
  ids: readonly string[],
  process: Partial<ProcessRecord>,
): Unit[] {
  return units.map((each) =>
    ids.includes(each.id)
      ? { ...each, processes: each.processes.map((one) => ({ ...one, ...process })) }
      : each,
  )
}

/** A rollout from the old to the new release, begun at {@link START}. */
export function begin(
  policy: Partial<RolloutPolicy>,
  units: readonly Unit[],
  from: Target | null = OLD,
): Advanced {
  const request = {
    id: 'r1',
    model: 'shop',
    tag: 'production',
    from,
    to: NEW,
    tagAt: from,
    order: 'secret',
    startedBy: 'ci',
    reason: null,
  }
  return beginRollout({ ...request, policy: { ...IMMEDIATE, ...policy } }, units, START)
}

/** The same rollout, judged so many seconds after its start. */
export function judge(
  rollout: Rollout,
  units: readonly Unit[],
  seconds: number,
  needsToken = false,
): Advanced {
  return advanceRollout(
    rollout,
    { units, access: { needsToken }, listeningSince: 0 },
    START + seconds * SECOND,
  )
}

/** The effects of one kind. */
export function effectsOf<Kind extends Effect['kind']>(
  { effects }: Advanced,
  kind: Kind,
): Extract<Effect, { kind: Kind }>[] {
  return effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind)
}
