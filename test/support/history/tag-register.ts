import { findContradiction, type Operation, type SequentialModel } from './linearize.ts'

/** Where a tag points, and its version: another one after each move. The version of what a lost move made is not known until it is seen. */
export interface TagState {
  readonly release: number
  readonly version: string | null
}

/** What a client did with a tag, and what it was told. */
export type TagStep =
  /** It saw the tag; null: there was none. */
  | { readonly kind: 'read'; readonly seen: (TagState & { version: string }) | null }
  /**
   * It had the tag move to a release: if its version was `expected`, if it was not there (`absent`), or whatever it was (undefined). It was
   * told the new version, that the tag is not as expected (`refused`), that nothing was changed for another reason (`failed`), or nothing
   * (`lost`).
   */
  | {
      readonly kind: 'move'
      readonly to: number
      readonly expected: string | undefined
      readonly told: { readonly version: string } | 'refused' | 'failed' | 'lost'
    }

export type TagOperation = Operation<TagStep>

/** No version of a tag: it is expected not to be there. */
export const ABSENT = 'absent'

/** A tag as a register with compare-and-set. Its state is null where there is none. */
const tagRegister: SequentialModel<TagState | null, TagStep> = {
  first: null,
  apply: (state, step) => (step.kind === 'read' ? afterRead(state, step) : afterMove(state, step)),
  key: (state) => (state === null ? '' : `${state.release} ${String(state.version)}`),
}

function afterRead(
  state: TagState | null,
  { seen }: TagStep & { kind: 'read' },
): TagState | null | undefined {
  if (state === null || seen === null) return state === seen ? state : undefined
  const isSame = state.release === seen.release && (state.version ?? seen.version) === seen.version
  return isSame ? seen : undefined
}

function afterMove(
  state: TagState | null,
  { to, expected, told }: TagStep & { kind: 'move' },
): TagState | undefined | null {
  const isAsExpected = expected === undefined || (state === null ? ABSENT : state.version) === expected
  if (told === 'failed') return state
  if (told === 'refused') return isAsExpected ? undefined : state
  // What is lost may be refused, too, and changes nothing then: that is as if it had not happened.
  if (!isAsExpected) return undefined
  const stays = state?.release === to
  if (told === 'lost') return stays ? state : { release: to, version: null }
  const { version } = told
  if (stays) return (state.version ?? version) === version ? { release: to, version } : undefined
  return state?.version === version ? undefined : { release: to, version }
}

/** Says what is wrong with what clients saw of a tag: it must be as if all of it had happened one after the other. */
export function faultsOfTag(history: readonly TagOperation[]): string[] {
  const found = findContradiction(tagRegister, history)
  if (found === undefined) return []
  const { client, step, asked, answered } = found.operation
  const states = found.states.map((state) => (state === null ? 'absent' : `at ${state.release}`))
  const what =
    step.kind === 'read'
      ? `saw ${step.seen === null ? 'no tag' : `release ${step.seen.release}`}`
      : `was ${step.told === 'refused' ? 'refused a move' : 'told of a move'} to ${step.to}` +
        (step.expected === undefined ? '' : ' on a condition')
  return [
    `${client} ${what} between ${Math.round(asked)} and ${Math.round(answered)}, when the tag can only have been ${states.join(' or ')}`,
  ]
}
