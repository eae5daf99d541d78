import { expect } from 'chai'
import { PullFailure } from '../../client/index.ts'
import type { Answer, Source } from '../../client/index.ts'
import type { Question } from '../../client/sources/source.ts'
import { Puller } from '../../client/index.ts'
import { giveUpOnSilence } from '../../client/sources/give-up-on-silence.ts'
import { LEAST_SPEED, LeastSpeed } from '../../client/sources/least-speed.ts'
import { failureOfStore } from '../../client/sources/store-source.ts'
import { StoreMisconfigured } from '../../storage/object-store.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const never = new Promise<never>(() => undefined)

function sourceThat(ask: () => Promise<Answer>): Source {
  return { description: 'a store', key: 'a store', ask, close: () => Promise.resolve() }
}

async function* stalling(): AsyncGenerator<Uint8Array> {
  yield Buffer.from([0x1f, 0x8b])
  await never
}

describe('a source that falls silent', () => {
  const silent: Record<string, () => Promise<Answer>> = {
    'before it answers': () => never,
    'in the middle of an archive': () =>
      Promise.resolve({
        kind: 'offer',
        offer: { filename: 'x.tar.gz', start: 0, chunks: stalling(), cancel: () => Promise.resolve() },
      }),
  }
  for (const [when, ask] of Object.entries(silent)) {
    it(`${when} is given up, though it ignores its signal`, async () => {
      const puller = new Puller({ source: sourceThat(ask), to: await temporaryDirectory(), idleTimeout: 300 })
      const started = performance.now()
      const event = await puller.pull()
      expect(event).to.include({ event: 'failed', kind: 'source' })
      expect('message' in event && event.message).to.match(/sent nothing for 0.3 s/)
      expect(performance.now() - started).to.be.lessThan(5000)
    })
  }

  it('in the middle of an archive is given up, though letting go of it never ends', async () => {
    const chunks = stalling()
    const cancel = async (): Promise<void> => {
      await chunks.return(undefined)
    }
    const ask = (): Promise<Answer> =>
      Promise.resolve({ kind: 'offer', offer: { filename: 'x.tar.gz', start: 0, chunks, cancel } })
    const puller = new Puller({ source: sourceThat(ask), to: await temporaryDirectory(), idleTimeout: 300 })
    expect(await puller.pull()).to.include({ event: 'failed', kind: 'source' })
  })

  it('has the offer cancelled that it makes too late', async () => {
    let cancelled = 0
    const cancel = () => Promise.resolve(void (cancelled += 1))
    const offer = { filename: 'x.tar.gz', start: 0, chunks: stalling(), cancel }
    const source: Source = {
      ...sourceThat(() => never),
      ask: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve({ kind: 'offer', offer })
          })
        }),
    }
    const puller = new Puller({ source, to: await temporaryDirectory(), idleTimeout: 300 })
    expect(await puller.pull()).to.include({ event: 'failed', kind: 'source' })
    await eventually('the offer is cancelled', () => cancelled > 0)
  })

  it('does not hold up an abort', async () => {
    const puller = new Puller({ source: sourceThat(() => never), to: await temporaryDirectory() })
    const controller = new AbortController()
    const pulling = puller.pull({ signal: controller.signal }).catch((error: unknown) => error)
    controller.abort(new Error('stop'))
    expect(await pulling).to.have.property('message', 'stop')
  })
})

describe('a source that drips', () => {
  /** Plays time: each chunk comes so many seconds after the one before. */
  async function pullDrip(bytes: number, apart: number, most: number): Promise<unknown> {
    let now = 0
    async function* drip(): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < most; chunk++) {
        now += apart * 1000
        yield await Promise.resolve(Buffer.alloc(bytes))
      }
    }
    const offer = { filename: 'x.tar.gz', start: 0, chunks: drip(), cancel: () => Promise.resolve() }
    const source = sourceThat(() => Promise.resolve({ kind: 'offer', offer }))
    const speed = new LeastSpeed(LEAST_SPEED, () => now)
    const question = { signal: new AbortController().signal, claim: undefined } as unknown as Question
    const answer = await giveUpOnSilence(source, 30_000, speed).ask(question)
    if (answer.kind !== 'offer') return answer
    try {
      for await (const chunk of answer.offer.chunks) expect(chunk).to.have.length(bytes)
      return 'whole'
    } catch (error) {
      return error
    }
  }

  it('is given up after five minutes, and not asked again by a single run', async () => {
    const failure = await pullDrip(1, 5, 1000)
    expect(failure).to.be.instanceOf(PullFailure).and.to.include({ kind: 'source', again: false })
    expect((failure as Error).message).to.match(
      /^a store sent 60 bytes in 300 s; less than 1024 bytes a second/,
    )
  })

  it('is taken as long as it is not slower than that, however long it takes', async () => {
    expect(await pullDrip(6 * 1024, 5, 2000)).to.equal('whole')
  })

  /** A source that sends a byte a second, each over a connection of its own. */
  function aDrip() {
    let now = 0
    const speed = new LeastSpeed(LEAST_SPEED, () => now)
    const connect = (start: number) => {
      speed.begin(start)
      speed.take(1, 'a store')
    }
    return {
      connect,
      rest: (seconds: number) => (now += seconds * 1000),
      flow: (seconds: number) => {
        for (let second = 0; second < seconds; second++) {
          now += 1000
          connect(1)
        }
      },
    }
  }

  it('is measured over connections that break', () => {
    const { flow } = aDrip()
    flow(299)
    expect(() => {
      flow(2)
    }).to.throw('bytes in 300 s')
  })

  it('is measured anew after a rest', () => {
    const { flow, rest } = aDrip()
    flow(299)
    rest(30)
    flow(299)
  })

  it('is measured anew where an archive is begun anew', () => {
    const { flow, connect } = aDrip()
    flow(299)
    connect(0)
    flow(299)
  })
})

describe('a store whose name cannot be looked up', () => {
  it('is away, and does not end a watch', () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND' })
    const failure = failureOfStore(new StoreMisconfigured('there is no account "x"', { cause }))
    expect(failure)
      .to.be.instanceOf(PullFailure)
      .and.to.include({ kind: 'source', final: false, again: true })
  })

  it('is told apart from one that is not configured right', () => {
    expect(failureOfStore(new StoreMisconfigured('no such container'))).to.include({ kind: 'configuration' })
  })
})
