import { pino } from 'pino'
import { composeServer, type ComposedServer } from '../../../server/composition/compose.ts'
import { loadConfig } from '../../../server/config/config.ts'
import type { ProcessRecord } from '../../../server/fleet/process-record.ts'
import { FilesystemStore } from '../../../storage/filesystem/filesystem-store.ts'
import type { Disturbance, SimulatedPoll } from './fleet-server.ts'
import { CatalogGate } from './catalog-gate.ts'
import { never, SimulatedConnection } from './simulated-connection.ts'
import { MODEL, pollRequest, turnsUntil } from './wire-requests.ts'

const SECOND = 1000

/** Shorter, with the second until it looks where something has changed, than what it knows is taken for new. Milliseconds. */
const LOOKS_AGAIN_AFTER = 3 * SECOND

/** What a server looks at is taken for known to all after so long. Milliseconds. */
const SETTLED_AFTER = 12 * SECOND

/** A load balancer asks a server again and again, and finds after so long that it does not answer. Milliseconds. */
const NOTICED_AFTER = 10 * SECOND

/** Where a server of a group keeps what it has, and by which clocks. */
export interface GroupPlace {
  readonly name: string
  readonly folder: string
  /** The address of its database. */
  readonly database: string
  /** The folder of the archives of all. */
  readonly archives: string
  /** As `randomBytes` of node:crypto. */
  readonly random: (bytes: number) => Buffer
  /** How far its own clock is from the database's, in milliseconds. */
  readonly clockOffset: number
  /** Milliseconds since 1970; stands still while nothing happens. */
  readonly virtualNow: () => number
  /** Has the clock of the database show the same. */
  readonly setDatabaseTime: () => Promise<void>
}

/** An offer that is under way. */
interface Sending {
  readonly process: string
  readonly connection: SimulatedConnection
  /** How the server calls it. */
  readonly stream: string | undefined
}

/** One of several servers over a database: what ships, but for the network, timers and the store of archives. */
export class GroupMember {
  readonly #place: GroupPlace
  readonly #sending = new Map<string, Sending>()
  readonly #late: SimulatedPoll[] = []
  #gate = new CatalogGate()
  #server: ComposedServer | undefined
  #disturbance: Disturbance | undefined
  #until = Infinity
  #disturbedAt = 0
  #undisturbedSince: number
  readonly #underWay = new Set<Promise<unknown>>()
  #interrupted = Promise.withResolvers<undefined>()
  #offers = 0
  #lookedAt = 0
  #looking: Promise<void> | undefined
  #savedAt = 0
  #askedForTermAt = 0
  /** How often it is to save until it has told what it heard, and heard what others told then. */
  #savesDue = 0
  /** Whether it takes itself for the one that keeps house. */
  keepsHouse = false
  /** Of the changes that all made, how many there were when it looked last. */
  knownChanges = 0

  constructor(place: GroupPlace) {
    this.#place = place
    this.#undisturbedSince = place.virtualNow()
  }

  /** @throws Error where it is down. */
  get server(): ComposedServer {
    if (this.#server === undefined) throw new Error('the server is down')
    return this.#server
  }

  get isUp(): boolean {
    return this.#server !== undefined
  }

  /** Whether nothing is in its way. */
  get isWell(): boolean {
    return this.isUp && this.#disturbance === undefined
  }

  get isAsleep(): boolean {
    return this.isUp && this.#disturbance === 'sleeps'
  }

  /** Whether it can look at what others changed. */
  get #canLook(): boolean {
    return this.isWell || (this.isUp && this.#disturbance === 'fails to commit')
  }

  /** Whether nothing was in its way for long enough to know what all know. */
  get isSettled(): boolean {
    return this.isWell && this.#now() - this.#undisturbedSince >= SETTLED_AFTER
  }

  /** Whether a load balancer sends it polls. */
  get isInBalance(): boolean {
    return this.isUp && !(this.isAsleep && this.#now() - this.#disturbedAt > NOTICED_AFTER)
  }

  /** Whether it is time that it is started, woken or reached again. */
  get isOver(): boolean {
    return !this.isWell && this.#now() >= this.#until
  }

  get changes(): number {
    return this.#gate.changes
  }

  async start(): Promise<void> {
    const { archives, clockOffset, database, folder, virtualNow } = this.#place
    await this.#place.setDatabaseTime()
    const before = this.#gate.changes
    this.#gate = new CatalogGate()
    this.#gate.changes = before
    const config = loadConfig({ ...BUCKET, DATABASE_URL: database, SLIPWAY_SCRUB: 'off' }, folder)
    const clock = { now: () => Math.floor(virtualNow()) + clockOffset }
    this.#server = await composeServer(config, pino({ level: 'silent' }), clock, {
      // Of two servers the stopwatches began at different times.
      monotonic: () => Math.floor(virtualNow()) - clockOffset * 3,
      looks: never,
      random: this.#place.random,
      wrapCatalog: this.#gate.wrap,
      storage: { store: new FilesystemStore(archives), cache: undefined, lease: undefined },
    })
    this.#disturbance = undefined
    this.#lookedAt = this.#undisturbedSince = this.#now()
    this.#interrupted = Promise.withResolvers()
  }

  /**
   * Ends it.
   *
   * @param isKilled Without a word to anybody.
   * @param milliseconds After which it is to be started again.
   * @returns its offers that were under way.
   */
  async stop(isKilled: boolean, milliseconds: number): Promise<ReadonlySet<string>> {
    const { server } = this
    this.#server = undefined
    this.#until = this.#now() + milliseconds
    this.keepsHouse = false
    if (isKilled) this.#gate.shut()
    else this.#gate.open()
    this.#interrupted.resolve(undefined)
    await server.stop()
    await server.close()
    await Promise.all(this.#underWay)
    for (const { connection } of this.#sending.values()) connection.reset()
    const broken = new Set(this.#sending.keys())
    this.#sending.clear()
    this.#late.length = 0
    return broken
  }

  /** Has something happen to it for a while. What it does at that moment fails, or waits. */
  disturb(what: Disturbance, milliseconds: number): void {
    this.#disturbance = what
    this.#disturbedAt = this.#now()
    this.#until = this.#disturbedAt + milliseconds
    if (what === 'is cut off') this.#gate.shut()
    else if (what === 'fails to commit') this.#gate.failToCommit()
    else {
      this.#gate.hold()
      this.#interrupted.resolve(undefined)
      this.#begin(this.server.judge.judgeAll())
      this.#begin(this.server.periodicWork.saveFleet())
    }
  }

  /** Ends what is in its way. @param isLate Whether it answers polls, and goes on with what it had begun, before it looks at anything. */
  async recover(isLate: boolean): Promise<void> {
    const wasAsleep = this.isAsleep
    this.#disturbance = undefined
    this.#undisturbedSince = this.#now()
    this.#interrupted = Promise.withResolvers()
    this.#gate.open()
    // What it could not tell, nor hear, it does with its next save, which no server leaves out.
    this.noteHeard()
    if (!isLate) await this.#look()
    if (!wasAsleep) return
    await Promise.all(this.#underWay)
    await this.judge()
    for (const poll of this.#late.splice(0)) await this.#answerLate(poll)
  }

  /**
   * What it does once a second.
   *
   * @param changes How many all have made until now.
   * @param mayTakeOver Whether nobody seems to keep house.
   * @param isAlone Whether there are no others yet.
   */
  async tick(
    changes: number,
    { mayTakeOver, isAlone }: { mayTakeOver: boolean; isAlone: boolean },
  ): Promise<void> {
    if (this.isAsleep) return
    const now = this.#now()
    if (this.#canLook && changes !== this.knownChanges) {
      this.knownChanges = changes
      await this.#look()
    }
    // Where nothing was heard it would find nothing to do; alone it has nobody to tell.
    const rest = this.#savesDue === 0 ? 30 : isAlone ? 15 : 5
    if (now - this.#savedAt < rest * SECOND) return
    this.#savedAt = now
    this.#savesDue = Math.max(0, this.#savesDue - 1)
    await this.lookAgain(changes)
    // What comes at once may end it in the middle of this.
    if (!this.isUp) return
    if (this.keepsHouse ? now - this.#askedForTermAt >= 10 * SECOND : mayTakeOver) await this.#renewTerm()
    await this.unlessInterrupted(this.#server?.periodicWork.saveFleet() ?? Promise.resolve())
    await this.judge()
  }

  /** Something was heard, by whichever server. */
  noteHeard(): void {
    this.#savesDue = 2
  }

  /** Where nothing has changed since it looked, it need not have looked each second; but it must not take what it knows for old. */
  async lookAgain(changes: number): Promise<void> {
    if (!this.#canLook || changes !== this.knownChanges || this.#now() - this.#lookedAt < LOOKS_AGAIN_AFTER)
      return
    await this.#look()
  }

  /** Judges, where it takes itself for the one that does. */
  async judge(): Promise<void> {
    if (this.keepsHouse && this.isUp) await this.unlessInterrupted(this.server.judge.judgeAll())
  }

  /** A poll reaches it while it sleeps, of a client that will not wait for the answer. */
  receiveLate(poll: SimulatedPoll): void {
    this.#late.push(poll)
  }

  /** @returns undefined where it ended, or fell asleep, before it had answered. */
  async answer(
    poll: SimulatedPoll,
  ): Promise<{ status: number; release: number; stream: string } | undefined> {
    const connection = new SimulatedConnection(this.server.http, pollRequest(poll))
    const answer = await this.unlessInterrupted(connection.answered.catch(() => undefined))
    if (answer === undefined) {
      connection.answered.then(
        () => {
          connection.reset()
        },
        () => undefined,
      )
      return undefined
    }
    const { status, headers } = answer
    const stream = this.describe(poll.process)?.offer?.stream
    const name = `${this.#place.name} ${++this.#offers}`
    if (status === 200) this.#sending.set(name, { process: poll.process, connection, stream })
    return { status, release: Number(headers.get('slipway-release')), stream: name }
  }

  /** Ends a transfer of its own, and waits until it has noted that. @returns whether it was its own. */
  async finish(stream: string, end: 'arrive' | 'reset'): Promise<boolean> {
    const sending = this.#sending.get(stream)
    if (sending === undefined) return false
    this.#sending.delete(stream)
    const { connection, process } = sending
    const before = this.describe(process)
    connection[end]()
    const isUnderWay = before?.offer?.stream === sending.stream && before?.offer?.sentAt === null
    await turnsUntil(
      () => !isUnderWay || !this.isWell || this.describe(process) !== before,
      () => this.unlessInterrupted(this.#server?.periodicWork.saveFleet() ?? Promise.resolve()),
    )
    return true
  }

  describe(process: string): ProcessRecord | undefined {
    return this.#server?.fleet.memory.find(MODEL, process)
  }

  /** Whatever it is in the middle of waits as long as it sleeps, and nobody else does. */
  async unlessInterrupted<Result>(work: Promise<Result>): Promise<Result | undefined> {
    this.#begin(work)
    return await Promise.race([work, this.#interrupted.promise])
  }

  #begin(work: Promise<unknown>): void {
    const ended = work
      .catch(() => undefined)
      .then(() => {
        this.#underWay.delete(ended)
      })
    this.#underWay.add(ended)
  }

  /** Whoever wants it to look while it does waits for that. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookOnce(): Promise<void> {
    await this.#place.setDatabaseTime()
    try {
      await this.unlessInterrupted(this.server.periodicWork.compare())
      this.#lookedAt = this.#now()
    } catch {
      // It was cut off meanwhile, or this machine is so busy that the database took too long: what it knows may be old.
      this.#undisturbedSince = this.#now()
    }
    await this.judge()
  }

  async #renewTerm(): Promise<void> {
    this.#askedForTermAt = this.#now()
    await this.#place.setDatabaseTime()
    if (!this.isUp) return
    const renewed = await this.unlessInterrupted(this.server.periodicWork.renewTerm().catch(() => undefined))
    if (renewed !== undefined) this.keepsHouse = renewed
  }

  async #answerLate(poll: SimulatedPoll): Promise<void> {
    const connection = new SimulatedConnection(this.server.http, pollRequest(poll))
    connection.hangUp()
    await connection.answered.catch(() => undefined)
    connection.reset()
  }

  #now(): number {
    return this.#place.virtualNow()
  }
}

/** It is not asked for anything: the archives lie in a folder. */
const BUCKET = {
  STORAGE: 'aws',
  BUCKET_NAME: 'simulated',
  AWS_DEFAULT_REGION: 'nowhere',
  AWS_ACCESS_KEY_ID: 'nobody',
  AWS_SECRET_ACCESS_KEY: 'nothing',
}
