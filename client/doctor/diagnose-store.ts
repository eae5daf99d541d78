import { ObjectNotFound, StoreMisconfigured } from '../../storage/object-store.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { isArchiveName } from '../sources/newest-archive.ts'
import { StreamInspection } from './exchange/stream-inspection.ts'
import type { Finding, Verdict } from './finding.ts'
import { presentFinding } from './present-finding.ts'
import { judgeBucket, judgeListing, judgeObject, judgeStoreClock } from './rules/judge-store.ts'
import { judgeRelease } from './rules/judge-release.ts'
import type { StoreOutcome } from './rules/judge-store.ts'

export interface StoreTarget {
  store: ObjectStore
  /** The object that a bot would load; undefined: none was named. */
  key: string | undefined
  /** Any address of the store, for its clock; undefined: it is not asked. */
  address: URL | undefined
  /** The Rasa of the bots; undefined: some Rasa 3. */
  rasaVersion: string | undefined
  signal: AbortSignal
}

/** More are not looked at: a bucket may hold millions. */
const MOST_LISTED = 1000

/** Does what Rasa does with an object store, but for writing: it changes nothing there. */
export async function diagnoseStore(
  { store, key, address, rasaVersion, signal }: StoreTarget,
  onFinding: (finding: Finding) => void = () => undefined,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const tell = (verdict: Verdict | undefined): void => {
    if (verdict === undefined) return
    const finding = presentFinding(verdict, [])
    findings.push(finding)
    onFinding(finding)
  }
  tell(judgeStoreClock(await clockDifference(address, signal)))
  const bucket = await outcomeOf(() => store.probe(signal), signal)
  tell(judgeBucket(store.description, bucket))
  if (bucket.kind !== 'done') return findings
  let [seen, archives] = [0, 0]
  const listing = await outcomeOf(async () => {
    for await (const object of store.list('', signal)) {
      seen += 1
      if (isArchiveName(object.key)) archives += 1
      if (seen === MOST_LISTED) return
    }
  }, signal)
  tell(
    judgeListing(
      listing,
      `${archives} archives among ${seen === MOST_LISTED ? 'the first ' : ''}${seen} objects`,
    ),
  )
  if (key === undefined) return findings
  for (const verdict of await lookAtObject(store, key, rasaVersion, signal)) tell(verdict)
  return findings
}

async function lookAtObject(
  store: ObjectStore,
  key: string,
  rasaVersion: string | undefined,
  signal: AbortSignal,
): Promise<Verdict[]> {
  let [size, start]: [number, Uint8Array] = [0, new Uint8Array()]
  const inspection = new StreamInspection()
  try {
    const outcome = await outcomeOf(async () => {
      const object = await store.open(key, { signal })
      try {
        size = object.size
        for await (const chunk of object.chunks) {
          if (start.length === 0) start = Uint8Array.from(chunk.subarray(0, 2))
          await inspection.write(chunk)
        }
      } finally {
        await object.close()
      }
    }, signal)
    const verdict = judgeObject({ key, outcome, size, start })
    if ('code' in verdict) return [verdict]
    const inspected = await inspection.end()
    return [verdict, ...judgeRelease({ inspected, size, rasaVersion, takenBack: undefined })]
  } finally {
    inspection.close()
  }
}

async function outcomeOf(work: () => Promise<void>, signal: AbortSignal): Promise<StoreOutcome> {
  try {
    await work()
    return { kind: 'done' }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ObjectNotFound) return { kind: 'missing' }
    const message = error instanceof Error ? error.message : String(error)
    return { kind: error instanceof StoreMisconfigured ? 'misconfigured' : 'failed', message }
  }
}

/** Milliseconds by which the store's clock is ahead; NaN where it does not say. */
async function clockDifference(address: URL | undefined, signal: AbortSignal): Promise<number> {
  if (address === undefined) return NaN
  try {
    const begun = Date.now()
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
    const { headers, body } = await fetch(address, { method: 'HEAD', redirect: 'manual', signal: timeout })
    await body?.cancel()
    return Date.parse(headers.get('date') ?? '') - (begun + Date.now()) / 2
  } catch {
    signal.throwIfAborted()
    return NaN
  }
}
