/** Beyond this |t| two samples differ by more than chance, as leakage tests have it (Goodwill et al., 2011). */
export const LEAK_LIMIT = 4.5
/** What the slowest of a hundred took is the machine's doing. */
const KEPT_SHARE = 0.99
/** Node compiles what is called often: the first ones tell of that. */
const WARM_UP = 1_000

export interface RefusalSampling {
  /** The token that opens something. */
  right: string
  /** Draws another one of its form. */
  draw: () => string
  /** How many refusals are kept. */
  count: number
  /** @returns how long the refusal of a token took, in nanoseconds. */
  refuse: (token: string) => number
  random: (size: number) => Uint8Array
}

/** Nanoseconds of refusals of nearly right tokens and of others, in an order that nobody can foresee. */
export function sampleRefusals(sampling: RefusalSampling): { near: number[]; far: number[] } {
  const { right, draw, count, refuse, random } = sampling
  const [near, far]: [number[], number[]] = [[], []]
  const characters = '0123456789abcdef'
  for (let turn = 0; turn < count + WARM_UP; turn++) {
    const isNear = (random(1)[0] ?? 0) % 2 === 0
    const last = characters[(characters.indexOf(right.slice(-1)) + 1 + (turn % 14)) % 16] ?? 'x'
    const [drawn, nearly] = [draw(), right.slice(0, -1) + last]
    const nanoseconds = refuse(asReceived(isNear ? nearly : drawn))
    if (turn >= WARM_UP) (isNear ? near : far).push(nanoseconds)
  }
  return { near, far }
}

/** Welch's t of two samples, without the slowest of each. */
export function welch(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [momentsOf(one), momentsOf(other)]
  return (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count)
}

/** The same text in one piece, as it comes from a header: V8 hashes joined and cut strings at another pace. */
function asReceived(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function momentsOf(sample: readonly number[]): { mean: number; variance: number; count: number } {
  const kept = sample.toSorted((x, y) => x - y).slice(0, Math.floor(sample.length * KEPT_SHARE))
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length
  const squares = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, variance: squares / (kept.length - 1), count: kept.length }
}
