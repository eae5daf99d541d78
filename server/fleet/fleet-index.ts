import type { BotState } from '../../protocol/bot-states.ts'
import type { ProcessEntry } from './bot-entry.ts'
import { isBefore } from './code-point-order.ts'
import { keyOf } from './key-of.ts'
import { KeysByValue, type KeysOfValue } from './keys-by-value.ts'
import type { ProcessRecord } from './process-record.ts'
import { processState } from './process-state.ts'

/** What processes are looked for by; what is left out does not matter. */
export interface IndexedFilter {
  readonly model?: string | undefined
  readonly tag?: string | undefined
  readonly state?: BotState | undefined
  /** What they run: a digest for each model. */
  readonly digests?: ReadonlyMap<string, string> | undefined
}

/**
 * Which processes are in each state but `running`, which most are in, poll each tag, and run each digest: to find the few of 50,000 that
 * are asked for takes no look at all of them.
 */
export class FleetIndex {
  readonly #states = new KeysByValue()
  readonly #tags = new KeysByValue()
  readonly #digests = new KeysByValue()

  /** Takes in how a process was, and is now; undefined: it was not, or is not, known. */
  note(
    { key, bot }: Pick<ProcessEntry, 'key' | 'bot'>,
    before: ProcessRecord | undefined,
    after: ProcessRecord | undefined,
  ): void {
    const [was, is] = [valuesOf(before), valuesOf(after)]
    if (was.state === is.state && was.tag === is.tag && was.digest === is.digest) return
    const ofModel = (value: string | undefined) => value && keyOf(bot.fields.model, value)
    this.#states.move(bot.key, key, was.state, is.state)
    this.#tags.move(bot.key, key, ofModel(was.tag), ofModel(is.tag))
    this.#digests.move(bot.key, key, ofModel(was.digest), ofModel(is.digest))
  }

  /**
   * Where to look for what a filter asks for: the shortest list that has all of it, and others, in parts that follow one another.
   *
   * @param models All of which processes are known.
   * @returns undefined: everywhere.
   */
  find(
    { model, tag, state, digests }: IndexedFilter,
    models: Iterable<string>,
  ): readonly KeysOfValue[] | undefined {
    const wanted = (model === undefined ? [...models] : [model]).sort((one, other) =>
      isBefore(one, other) ? -1 : 1,
    )
    const partsOf = (values: KeysByValue, valueOf: (model: string) => string | undefined) =>
      wanted.flatMap((each) => {
        const value = valueOf(each)
        return value === undefined ? [] : (values.find(keyOf(each, value)) ?? [])
      })
    const found: KeysOfValue[][] = []
    if (tag !== undefined) found.push(partsOf(this.#tags, () => tag))
    if (digests !== undefined) found.push(partsOf(this.#digests, (each) => digests.get(each)))
    if (state !== undefined && state !== 'running')
      found.push([this.#states.find(state)].flatMap((one) => one ?? []))
    return found.toSorted((one, other) => count(one) - count(other))[0]
  }
}

function valuesOf(process: ProcessRecord | undefined) {
  if (process === undefined) return { state: undefined, tag: undefined, digest: undefined }
  const state = processState(process)
  return {
    state: state === 'running' ? undefined : state,
    tag: process.tag,
    digest: process.digest ?? undefined,
  }
}

function count(parts: readonly KeysOfValue[]): number {
  return parts.reduce((sum, { processes }) => sum + processes.size, 0)
}
