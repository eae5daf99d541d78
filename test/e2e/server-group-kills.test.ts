import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { expect } from 'chai'
import type { Release } from '../../protocol/release.ts'
import { aReceiver, type Receiver } from '../support/a-receiver.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup, untilWritable, type FaultyMember } from '../support/faulty-group.ts'
import { ask } from '../support/history/ask.ts'
import { sendOnce, type SingleAnswer } from '../support/kills/single-request.ts'
import { untilHeld } from '../support/kills/until-held.ts'
import { shortOrLong } from '../support/long-form.ts'

const DEADLINE = 120_000

/** What becomes of a publish whose server is killed: nothing of it is there, or all of it. */
type Outcome = 'nothing' | 'published'

/** A step of a publish at which its server is killed. */
interface Step {
  readonly name: string
  readonly outcome: Outcome
  /** Has a publish stand at the step. */
  readonly reach: (group: KilledGroup, victim: FaultyMember, archive: Buffer) => Promise<void>
}

const STEPS: readonly Step[] = [
  {
    name: 'it receives the archive',
    outcome: 'nothing',
    async reach(_group, { running }, archive) {
      sendHalf(running.url, archive)
      await eventually('it takes an upload', () => takesUploads(running.url), DEADLINE)
    },
  },
  {
    name: 'it claims the digest, before anything is stored',
    outcome: 'nothing',
    reach: (_group, victim, archive) =>
      untilHeld(victim.database, 'insert into "blob_claims"', publish(victim, archive)),
  },
  {
    name: 'the archive is stored, and it does not know it yet',
    outcome: 'nothing',
    reach: (_group, victim, archive) =>
      untilHeld(victim.bucket, 'PUT /models/sha256/', publish(victim, archive)),
  },
  {
    name: 'the release is written in a transaction that is open',
    outcome: 'nothing',
    reach: (_group, victim, archive) =>
      untilHeld(victim.database, 'insert into "releases"', publish(victim, archive)),
  },
  {
    name: 'the transaction is committed, and nobody was answered yet',
    outcome: 'published',
    async reach(group, victim, archive) {
      await untilHeld(victim.database, 'insert into "releases"', publish(victim, archive))
      victim.database.inject({ kind: 'hold-answer', to: 'commit\0' })
      await eventually('it is committed', () => group.releaseOf(archive, victim), DEADLINE)
    },
  },
  {
    name: 'it has answered, and told nobody else yet',
    outcome: 'published',
    async reach(_group, victim, archive) {
      expect((await publish(victim, archive)).status).to.equal(201)
    },
  },
]

const names = shortOrLong(
  'servers of a group that are killed at each step of a publish: two servers and two steps instead of three servers and all steps',
  {
    short: [STEPS[2]!.name, STEPS[4]!.name],
    long: STEPS.map(({ name }) => name),
  },
)

const SERVERS = names.length === STEPS.length ? 3 : 2

describe('servers of a group of which one after the other is killed', function () {
  this.timeout(2_400_000)

  it(`keep every promise, at whatever step of a publish that is (${names.length} kills, ${SERVERS} servers)`, async function () {
    const group = await KilledGroup.start(this, SERVERS)
    for (const step of STEPS.filter(({ name }) => names.includes(name)))
      await group.killAt(step).catch((cause: unknown) => {
        throw new Error(`killed as ${step.name}: ${String(cause)}`, { cause })
      })
  })
})

/** Servers of which one after the other is killed, and what they acknowledged. */
class KilledGroup {
  readonly #group: FaultyGroup
  readonly #receiver: Receiver
  /** By number, the digest of each release that was acknowledged. */
  readonly #acknowledged = new Map<number, string>()
  #kills = 0

  private constructor(group: FaultyGroup, receiver: Receiver) {
    this.#group = group
    this.#receiver = receiver
  }

  static async start(context: Mocha.Context, servers: number): Promise<KilledGroup> {
    const receiver = await aReceiver()
    const env = { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' }
    const group = await FaultyGroup.start(context, { servers, env })
    const body = JSON.stringify({ url: receiver.url, events: ['release.published'] })
    const headers = { 'Content-Type': 'application/json' }
    const added = await fetch(`${group.urls[0]!}/api/v1/webhooks`, { method: 'POST', body, headers })
    expect(added.status).to.equal(201)
    const killed = new KilledGroup(group, receiver)
    const first = await publish(group.members[0]!, anArchive())
    expect(first.status).to.equal(201)
    killed.#note(first)
    return killed
  }

  /** Kills a server at a step of a publish, and looks at what the others say, and it itself once it was started again. */
  async killAt({ outcome, reach }: Step): Promise<void> {
    const { members } = this.#group
    const victim = members[this.#kills++ % members.length]!
    const others = members.filter((member) => member !== victim)
    const before = Math.max(...this.#acknowledged.keys())
    const archive = anArchive({ payloadBytes: 50_000 + Math.floor(Math.random() * 50_000) })
    await reach(this, victim, archive)
    victim.running.kill('SIGKILL')
    await victim.running.ended
    for (const wire of [victim.database, victim.bucket]) wire.heal()

    for (const other of others) {
      const found = await eventually(
        'it says what there is',
        async () => {
          const release = await this.releaseOf(archive, victim)
          return outcome === 'nothing' || release !== undefined ? { release } : undefined
        },
        DEADLINE,
      )
      expect(found.release === undefined, `at ${other.running.url}`).to.equal(outcome === 'nothing')
    }
    // As CI repeats it, at another server.
    const again = await eventually(
      'another one takes it',
      async () => {
        const answer = await publish(others[0]!, archive)
        expect(answer.status, JSON.stringify(answer.body)).to.be.oneOf([200, 201, 503])
        return answer.status !== 503 && answer
      },
      DEADLINE,
    )
    expect(again.status).to.equal(outcome === 'nothing' ? 201 : 200)
    const { number } = this.#note(again)
    expect(number, 'numbers go up').to.be.above(before)
    for (const other of others) await this.#verify(other)
    await this.#group.startAgain(victim)
    await untilWritable(victim)
    await this.#verify(victim)
    await eventually('whoever waits for it was told of each release', () => this.#allTold(), DEADLINE)
  }

  /** The release of an archive, by what the first of the servers but one says. */
  async releaseOf(archive: Buffer, but: FaultyMember): Promise<Release | undefined> {
    const other = this.#group.members.find((member) => member !== but)!
    const releases = await releasesAt(other)
    return releases.find(({ digest }) => digest === digestOf(archive))
  }

  #note({ body }: SingleAnswer): Release {
    const release = body as Release
    this.#acknowledged.set(release.number, release.digest)
    return release
  }

  /** Each release that was acknowledged is there, and no other; each tag points at the last one, and its bytes are those that were published. */
  async #verify(member: FaultyMember): Promise<void> {
    const { url } = member.running
    const releases = await releasesAt(member)
    const listed = releases.map(({ number, digest }) => [number, digest] as const).toReversed()
    expect(listed).to.deep.equal([...this.#acknowledged])
    const newest = [...this.#acknowledged.values()].at(-1)!
    for (const tag of ['latest', 'production'])
      await eventually(
        `${tag} is the newest release at ${url}`,
        async () => {
          const { status, bytes } = await ask(`${url}/models/shop@${tag}`, {}, 60_000)
          expect(status).to.be.oneOf([0, 200])
          return bytes !== undefined && digestOf(bytes) === newest
        },
        DEADLINE,
      )
  }

  #allTold(): boolean {
    const told = this.#receiver.received.map(({ body }) => JSON.parse(body) as Message)
    const numbers = new Set(told.map(({ data }) => data.release))
    return [...this.#acknowledged.keys()].every((number) => numbers.has(number))
  }
}

/** Newest first. */
async function releasesAt({ running: { url } }: FaultyMember): Promise<Release[]> {
  const list = async () => {
    const { status, body } = await ask(`${url}/api/v1/models/shop/releases?limit=1000`, {}, 60_000)
    expect(status).to.be.oneOf([0, 200])
    return status === 200 && (body as { items: Release[] }).items
  }
  return eventually(`${url} lists releases`, list, DEADLINE)
}

interface Message {
  readonly data: { readonly release?: number }
}

function publish({ running: { url } }: FaultyMember, archive: Buffer): Promise<SingleAnswer> {
  return sendOnce(url, { method: 'POST', path: '/models/shop?tag=production', body: archive })
}

/** Sends the first half of an archive, and then nothing. */
function sendHalf(url: string, archive: Buffer): void {
  const headers = { 'Content-Length': archive.byteLength }
  const upload = request(`${url}/models/shop?tag=production`, { method: 'POST', headers, agent: false })
  upload.on('error', () => undefined)
  upload.write(archive.subarray(0, archive.byteLength / 2))
}

async function takesUploads(url: string): Promise<boolean> {
  const { bytes } = await ask(`${url}/metrics`)
  return /^slipway_uploads [1-9]/m.test(String(bytes))
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
