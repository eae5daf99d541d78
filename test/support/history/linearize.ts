/** What one client asked for, and when. Times are milliseconds of one clock that all clients read. */
export interface Operation<Step> {
  readonly client: string
  readonly step: Step
  readonly asked: number
  /** Infinity where no answer came: it may have happened at any time since it was asked, or not at all. */
  readonly answered: number
}

/** What one client alone would see of a thing. */
export interface SequentialModel<State, Step> {
  readonly first: State
  /** The state after `step`; undefined where, in this state, it could not have been answered as it was. */
  readonly apply: (state: State, step: Step) => State | undefined
  /** The same text for the same state. */
  readonly key: (state: State) => string
}

/** The first answer that fits no order, and the states in which the thing may have been until then. */
export interface Contradiction<State, Step> {
  readonly operation: Operation<Step>
  readonly states: readonly State[]
}

/** One way in which the history may have gone until now. */
interface Configuration<State> {
  readonly state: State
  /** What has happened, of that which is not answered yet. */
  readonly happened: ReadonlySet<number>
}

/** More ways than this in which a history may have gone: it is not decided. */
const MOST_CONFIGURATIONS = 100_000

/**
 * Looks whether a history is linearizable (Herlihy and Wing 1990): whether all can have happened one after the other, each operation at one
 * moment between its question and its answer.
 *
 * It goes through the answers in their order and keeps every configuration that explains them so far, where each operation happens as late as
 * possible: when it is answered, or when another answer needs it ("just in time", Lowe 2017). What was never answered need not have happened,
 * so of two configurations with the same state the one that used fewer of these is enough.
 *
 * @returns The first contradiction; undefined where there is none.
 * @throws Error where there are too many ways to look at.
 */
export function findContradiction<State, Step>(
  model: SequentialModel<State, Step>,
  history: readonly Operation<Step>[],
): Contradiction<State, Step> | undefined {
  const search = new Search(model, history)
  let configurations: Configuration<State>[] = [{ state: model.first, happened: new Set() }]
  for (const { index, isAnswer } of momentsOf(history)) {
    if (!isAnswer) {
      search.open.add(index)
      continue
    }
    const next = search.none()
    for (const configuration of configurations) search.answer(configuration, index, next)
    search.open.delete(index)
    if (next.all.length === 0) {
      const states = new Map(configurations.map(({ state }) => [model.key(state), state]))
      return { operation: history[index]!, states: [...states.values()] }
    }
    configurations = next.all
  }
  return undefined
}

class Search<State, Step> {
  /** What has been asked and not been answered. */
  readonly open = new Set<number>()
  readonly #model: SequentialModel<State, Step>
  readonly #history: readonly Operation<Step>[]

  constructor(model: SequentialModel<State, Step>, history: readonly Operation<Step>[]) {
    this.#model = model
    this.#history = history
  }

  none(): Minimal<State> {
    return new Minimal(this.#model, (index) => this.#history[index]!.answered === Infinity)
  }

  /** Adds every way on from `configuration` in which operation `index` has happened. */
  answer(configuration: Configuration<State>, index: number, to: Minimal<State>): void {
    if (configuration.happened.has(index)) {
      to.add({ state: configuration.state, happened: without(configuration.happened, index) })
      return
    }
    const before = this.none()
    before.add(configuration)
    // Grows while it is gone through.
    for (const { state, happened } of before.all) {
      const after = this.#model.apply(state, this.#history[index]!.step)
      if (after !== undefined) to.add({ state: after, happened })
      for (const other of this.open) {
        if (other === index || happened.has(other)) continue
        const between = this.#model.apply(state, this.#history[other]!.step)
        if (between !== undefined) before.add({ state: between, happened: new Set([...happened, other]) })
      }
    }
  }
}

/** Configurations, without those that another one makes needless. */
class Minimal<State> {
  readonly all: Configuration<State>[] = []
  readonly #model: SequentialModel<State, never>
  readonly #isLost: (index: number) => boolean
  /** The lost operations that were used, by state and by the others that have happened. */
  readonly #used = new Map<string, number[][]>()

  constructor(model: SequentialModel<State, never>, isLost: (index: number) => boolean) {
    this.#model = model
    this.#isLost = isLost
  }

  add(configuration: Configuration<State>): void {
    const happened = [...configuration.happened].sort((one, other) => one - other)
    const lost = happened.filter(this.#isLost)
    const awaited = happened.filter((index) => !this.#isLost(index))
    const key = `${awaited.join(' ')}|${this.#model.key(configuration.state)}`
    const known = this.#used.get(key) ?? []
    if (known.some((fewer) => fewer.every((index) => configuration.happened.has(index)))) return
    this.#used.set(key, [...known, lost])
    this.all.push(configuration)
    if (this.all.length > MOST_CONFIGURATIONS) throw new Error('The history can have gone in too many ways')
  }
}

/** Questions and answers in their order. What was asked at the very moment of an answer may have happened before it. */
function momentsOf(history: readonly Operation<unknown>[]): { index: number; isAnswer: boolean }[] {
  return history
    .flatMap(({ asked, answered }, index) => [
      { at: asked, index, isAnswer: false },
      ...(answered === Infinity ? [] : [{ at: answered, index, isAnswer: true }]),
    ])
    .sort((one, other) => one.at - other.at || Number(one.isAnswer) - Number(other.isAnswer))
}

function without(indexes: ReadonlySet<number>, index: number): ReadonlySet<number> {
  const others = new Set(indexes)
  others.delete(index)
  return others
}
