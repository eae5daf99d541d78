import { expect } from 'chai'
import fc from 'fast-check'
import { findContradiction, type Operation, type SequentialModel } from '../support/history/linearize.ts'

/** A register of a number: written, read, or changed from one number to another. */
type Step =
  | { kind: 'write'; value: number }
  | { kind: 'read'; value: number }
  | { kind: 'change'; from: number; to: number; isDone: boolean }

const register: SequentialModel<number, Step> = {
  first: 0,
  apply(state, step) {
    if (step.kind === 'write') return step.value
    if (step.kind === 'read') return step.value === state ? state : undefined
    return step.isDone === (step.from === state) ? (step.isDone ? step.to : state) : undefined
  },
  key: String,
}

const value = fc.integer({ min: 0, max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), value }),
  fc.record({ kind: fc.constant('read' as const), value }),
  fc.record({ kind: fc.constant('change' as const), from: value, to: value, isDone: fc.boolean() }),
)
const moment = fc.integer({ min: 0, max: 12 })

/** Any operations at all, a fifth of them lost. */
const anyHistory = fc.array(
  fc
    .record({ step, one: moment, other: moment, isLost: fc.integer({ min: 0, max: 4 }) })
    .map(({ step, one, other, isLost }): Operation<Step> => ({
      client: 'any',
      step,
      asked: Math.min(one, other),
      answered: isLost === 0 ? Infinity : Math.max(one, other),
    })),
  { maxLength: 5 },
)

describe('findContradiction', () => {
  it('says the same as trying every order does', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        expect(findContradiction(register, history) === undefined).to.equal(hasOrder(history, register.first))
      }),
      { numRuns: 500 },
    )
  })

  it('finds nothing in what happened one after the other, however long answers took and whichever were lost', () => {
    const happened = fc.array(
      fc.record({ step, before: fc.nat(40), after: fc.nat(40), isLost: fc.boolean(), isMade: fc.boolean() }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(happened, (steps) => {
        let state = register.first
        const history = steps.flatMap(({ step, before, after, isLost, isMade }, index): Operation<Step>[] => {
          const told = truthOf(step, state)
          if (isMade || !isLost) state = register.apply(state, told)!
          const asked = index * 10 - before
          // Nobody takes anything from a read that was not answered.
          if (isLost && told.kind === 'read') return []
          return [{ client: 'one', step: told, asked, answered: isLost ? Infinity : index * 10 + after }]
        })
        expect(findContradiction(register, history)).to.equal(undefined)
      }),
      { numRuns: 60 },
    )
  })

  it('names the answer that fits no order, and where the register can have been', () => {
    const found = findContradiction(register, [
      { client: 'a', step: { kind: 'write', value: 1 }, asked: 0, answered: 1 },
      { client: 'b', step: { kind: 'write', value: 2 }, asked: 2, answered: Infinity },
      { client: 'c', step: { kind: 'read', value: 0 }, asked: 3, answered: 4 },
    ])
    expect(found?.operation.client).to.equal('c')
    expect(found?.states).to.deep.equal([1])
  })

  it('has what was never answered happen late, or never', () => {
    const write = { client: 'a', step: { kind: 'write', value: 1 }, asked: 0, answered: Infinity } as const
    const read = (value: number, at: number): Operation<Step> => {
      return { client: 'b', step: { kind: 'read', value }, asked: at, answered: at + 1 }
    }
    expect(findContradiction(register, [write, read(0, 10), read(0, 20)])).to.equal(undefined)
    expect(findContradiction(register, [write, read(0, 10), read(1, 20)])).to.equal(undefined)
    expect(findContradiction(register, [write, read(1, 10), read(0, 20)])).to.not.equal(undefined)
  })

  it('looks through many answers that were lost without trying each selection of them', () => {
    const history: Operation<Step>[] = Array.from({ length: 60 }, (_, index) => ({
      client: 'a',
      step: { kind: 'write', value: 10 + index },
      asked: index,
      answered: Infinity,
    }))
    for (let at = 300; at < 330; at++)
      history.push({
        client: 'b',
        step: { kind: 'read', value: 10 + at - 300 },
        asked: at,
        answered: at + 0.5,
      })
    expect(findContradiction(register, history)).to.equal(undefined)
  })
})

/** As {@link findContradiction}, by trying everything. */
function hasOrder(left: readonly Operation<Step>[], state: number): boolean {
  if (left.every(({ answered }) => answered === Infinity)) return true
  const firstAnswer = Math.min(...left.map(({ answered }) => answered))
  return left.some((operation) => {
    if (operation.asked > firstAnswer) return false
    const after = register.apply(state, operation.step)
    const others = left.filter((other) => other !== operation)
    return after !== undefined && hasOrder(others, after)
  })
}

/** What a step is told in a state. */
function truthOf(step: Step, state: number): Step {
  if (step.kind === 'read') return { kind: 'read', value: state }
  return step.kind === 'write' ? step : { ...step, isDone: step.from === state }
}
