import type { Release } from '../../../protocol/release.ts'
import type { Rollout as WireRollout } from '../../../protocol/rollout.ts'
import type { Target } from '../../../server/fleet/process-record.ts'
import { hasEnded, type Rollout, type RolloutState } from '../../../server/rollouts/rollout.ts'
import type { GroupMember } from './group-member.ts'
import { API, MODEL, requestJson, TAG } from './wire-requests.ts'

/** What became of the rollout of a release, as several servers say it one after the other. */
export class ObservedRollout {
  readonly #next: Target
  #rollout: Rollout | null = null
  #isQuarantined = false

  /** @param next What is promoted. */
  constructor(next: Target) {
    this.#next = next
  }

  /** The rollout as the server that knows most of it says. */
  get latest(): Rollout | null {
    return this.#rollout
  }

  get isQuarantined(): boolean {
    return this.#isQuarantined
  }

  /** Takes in what a server says now. */
  async read(member: GroupMember): Promise<void> {
    if (!member.isWell) return
    await this.#readFrom(member).catch((error: unknown) => {
      // What comes at once may have ended it.
      if (member.isWell) throw error
    })
  }

  async #readFrom(member: GroupMember): Promise<void> {
    const live = member.server.rollouts.find(MODEL, TAG)
    const known = this.#rollout
    if (live !== null) {
      if (known !== null && !isLater(live, known)) return
      this.#rollout = live
      if (live.state !== known?.state) await this.#readQuarantine(member)
      return
    }
    if (known === null || hasEnded(known)) return
    const path = `${API}/rollouts/${known.id}`
    const { state, reason, steps: after } = await requestJson<WireRollout>(member.server.http, 'GET', path)
    // This one may not have heard of it yet.
    if (!hasEnded({ state })) return
    const steps = known.steps.map((step, index) => ({ ...step, state: after[index]?.state ?? step.state }))
    this.#rollout = { ...known, state, reason, steps }
    await this.#readQuarantine(member)
  }

  async #readQuarantine({ server }: GroupMember): Promise<void> {
    const release = await requestJson<Release>(server.http, 'GET', `${API}/releases/${this.#next.release}`)
    this.#isQuarantined = release.quarantine != null
  }
}

const RANKS: Partial<Record<RolloutState, number>> = { running: 0, paused: 1, reverting: 2 }

/** Whether it is not what the rollout was before: some server may know of it later than others. */
function isLater(live: Rollout, known: Rollout): boolean {
  if (live.id !== known.id) return live.startedAt >= known.startedAt
  return live.step >= known.step && (RANKS[live.state] ?? 3) >= (RANKS[known.state] ?? 3)
}
