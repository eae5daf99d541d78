import { placesFor } from '../../../server/rollouts/amount.ts'
import type { EventQueue } from './event-queue.ts'
import { isPassed, type FleetServer, type SimulatedAnswer, type SimulatedPoll } from './fleet-server.ts'
import type { Quality } from './faults.ts'
import type { SimulatedFleet } from './simulated-fleet.ts'
import type { SimulatedProcess } from './simulated-process.ts'

const SHORTEST_WINDOW = 5 * 60_000

/** "What it runs within a second, when it was last heard within ten" (docs/scaling.md); what servers do every few seconds may come a tick later. */
const KNOWN_WITHIN = 12_000

/**
 * Whether a unit is what a step has: "a bot whose processes came to count by themselves since a step began, or do not any
 * more, is still of it" (docs/rollouts.md). `pod-1#a` is the process a of pod-1.
 */
function isSameBot(member: string, unit: string): boolean {
  return member === unit || unit.startsWith(`${member}#`) || member.startsWith(`${unit}#`)
}

/** What must hold after each step of a history, whatever goes wrong. Told by what the simulator knows. */
export class Invariants {
  readonly violations: string[] = []
  readonly #server: FleetServer
  readonly #queue: EventQueue
  readonly #offered = new Set<string>()
  /** Members of steps whose processes were offered the new release. */
  readonly #members = new Set<string>()
  #fleet: SimulatedFleet | undefined
  #steps = 0

  constructor(server: FleetServer, queue: EventQueue) {
    this.#server = server
    this.#queue = queue
  }

  watch(fleet: SimulatedFleet): void {
    this.#fleet = fleet
  }

  /** Bots that were ever offered the new release. */
  get touched(): number {
    return this.#offered.size
  }

  /** After each answer. */
  check(process: SimulatedProcess, poll: SimulatedPoll, answer: SimulatedAnswer): void {
    if (answer.status === 503) {
      if (answer.excuse === undefined)
        this.#violate(`${process.bot} was refused by a server in whose way nothing was`)
      return
    }
    const record = this.#server.describe(process.name)
    if (record?.digest !== poll.digest) {
      this.#violate(
        `${process.bot} runs ${String(poll.digest)}, and is said to run ${String(record?.digest)}`,
      )
    }
    if (poll.digest === null && answer.status === 304)
      this.#violate(`${process.bot} has nothing to run, and got a 304`)
    if (answer.status !== 200) return
    if (answer.target.digest === poll.digest) this.#violate(`${process.bot} was offered what it runs`)
    // A bot that starts gets what a server knows that has lost its database.
    if (poll.digest === null && !this.#server.isKnown(process.name)) return
    if (answer.target.digest === this.#server.next.digest) this.#checkNew(process)
    // An answer while the one before is being sent, as far as anybody knows, is the same attempt and has its place.
    const isAttempt = Math.floor(record?.offer?.begunAt ?? 0) === Math.floor(this.#queue.now)
    if (poll.digest !== null && isAttempt) this.#checkPlaces(process)
  }

  /** After each event, now and then: silence is never taken for a loss too early. */
  checkTruth(): void {
    if (++this.#steps % 50 !== 0) return
    for (const process of this.#fleet?.alive ?? []) {
      const silent = this.#queue.now - process.lastPoll
      if (!this.#server.isKnown(process.name) || silent < KNOWN_WITHIN || silent === Infinity) continue
      for (const record of this.#server.describeEverywhere(process.name)) {
        if (record?.lostAt != null && silent < SHORTEST_WINDOW)
          this.#violate(`${process.bot} is said to be lost after ${silent} ms`)
        if (record?.digest !== process.lastSaid)
          this.#violate(
            `${process.bot} said ${String(process.lastSaid)} ${silent} ms ago, and is said to run ${String(record?.digest)}`,
          )
        const late = Math.floor(process.lastPoll) - Math.floor(record?.lastSeen ?? 0)
        if (late !== 0)
          this.#violate(`${process.bot} polled ${silent} ms ago, and is said to have ${late} ms before`)
      }
    }
  }

  /** At the end: the API says of each process what its last poll said. */
  async checkLists(): Promise<void> {
    for (const running of await this.#server.listRunning()) {
      for (const { name, bot, lastPoll, lastSaid } of this.#fleet?.alive ?? []) {
        if (lastPoll === -Infinity || !this.#server.isKnown(name) || running.get(name) === lastSaid) continue
        this.#violate(`${bot} said ${String(lastSaid)}, and is listed with ${String(running.get(name))}`)
      }
    }
    for (const disagreement of await this.#server.listDisagreements()) this.#violate(disagreement)
  }

  /** At the end: the rollout ended, or waits for a person. */
  checkEnd(quality: Quality): void {
    const { rollout, tagAt, isQuarantined } = this.#server
    const state = rollout?.state ?? 'none'
    if (state === 'running' || state === 'reverting')
      this.#violate(`the rollout is still ${state} after half a day`)
    if (state === 'reverted' && (!isQuarantined || tagAt.digest === this.#server.next.digest))
      this.#violate('reverted halfway')
    if (state === 'done' && tagAt.digest !== this.#server.next.digest)
      this.#violate('done, and the tag is elsewhere')
    if (quality !== 'good' && isPassed(rollout)) this.#violate('a bad release passed')
  }

  /** The new release goes to the step's bots alone until the last step begins, and to nobody once it was taken back. */
  #checkNew(process: SimulatedProcess): void {
    const { rollout, isQuarantined } = this.#server
    if (isQuarantined) this.#violate(`${process.bot} was offered a quarantined release`)
    this.#offered.add(process.bot)
    const unit = this.#server.unitOf(process.name)
    if (rollout === null || unit === undefined) {
      this.#violate(`${process.bot} was offered a release that was not promoted`)
      return
    }
    const members = rollout.steps[rollout.step]?.members ?? []
    const member = members.find((each) => isSameBot(each, unit))
    this.#members.add(member ?? unit)
    if (rollout.step >= rollout.steps.length - 1) return
    if (member === undefined) this.#violate(`${process.bot} was offered a release that is not meant for it`)
    if (this.#members.size > members.length)
      this.#violate(`${this.#members.size} bots were touched in a step of ${members.length}`)
  }

  /**
   * Never more than `maxUpdating` bots, told by what they really do: those that hang or are lost apart, and those that nobody can count.
   * What counts, and what is one bot, is told as the server that answered knows it: others may hear of that a second later.
   */
  #checkPlaces(asking: SimulatedProcess): void {
    const { rollout } = this.#server
    const unitOf = ({ name }: SimulatedProcess) => this.#server.unitOf(name, asking.name)
    if (rollout === null || !this.#server.countsAsEvidence(asking.name)) return
    const loading = (this.#fleet?.alive ?? [])
      .filter(({ activity }) => activity === 'loading' || activity === 'transferring')
      .filter((process) => this.#isCounted(process, asking))
    const busy = new Set(loading.map(unitOf))
    if (busy.has(unitOf(asking))) return
    busy.add(unitOf(asking))
    const places = placesFor(rollout.policy.maxUpdating, Infinity)
    if (busy.size <= places) return
    const others = loading.map((process) => `${process.bot} ${this.#told(process, asking)}`).join(', ')
    this.#violate(
      `${busy.size} bots load at once where ${places} may: ${asking.bot} was offered a release beside ${others}`,
    )
  }

  /** Whether a process that loads has to be known to the server that answered another one. */
  #isCounted({ name, lastPoll, lastSaid }: SimulatedProcess, { name: asking }: SimulatedProcess): boolean {
    if (!this.#server.isKnown(name) || !this.#server.countsAsEvidence(name, asking)) return false
    // Where both were answered at once it may have come second: a bot that starts never waits.
    if (lastSaid === null && lastPoll === this.#queue.now) return false
    return this.#server.describe(name, asking)?.lostAt === null
  }

  #told({ name, activity, lastPoll, lastSaid }: SimulatedProcess, asking: SimulatedProcess): string {
    const offer = this.#server.describe(name, asking.name)?.offer
    const known = offer == null ? 'no offer is known' : `an offer is known since ${offer.begunAt}`
    return `(${activity}, ${lastSaid === null ? 'started' : 'polled'} ${this.#queue.now - lastPoll} ms ago, ${known})`
  }

  #violate(what: string): void {
    if (this.violations.length < 20)
      this.violations.push(`${new Date(this.#queue.now).toISOString()} ${what}`)
  }
}
