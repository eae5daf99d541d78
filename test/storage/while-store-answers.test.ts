import { expect } from 'chai'
import { setTimeout as delay } from 'node:timers/promises'
import { whileStoreAnswers } from '../../storage/bucket/while-store-answers.ts'
import { errorOf } from '../contracts/object-bytes.ts'
import { eventually } from '../support/eventually.ts'

const policy = { answerTimeout: 5 }

describe('waiting for a store that works', () => {
  it('counts each answer of the store as progress, until the work is done', async () => {
    const { promise: work, resolve } = Promise.withResolvers<string>()
    let answers = 0
    const waiting = whileStoreAnswers(
      policy,
      work,
      () => Promise.resolve(),
      () => (answers += 1),
    )
    await eventually('the store has answered thrice', () => answers >= 3)
    resolve('joined')
    expect(await waiting).to.equal('joined')
    const then = answers
    // A timer that began later and runs for longer ends after the one that another question would wait for.
    await delay(2 * policy.answerTimeout)
    expect(answers).to.equal(then)
  })

  it('counts nothing where the store answers nothing, and fails as the work does', async () => {
    const { promise: work, reject } = Promise.withResolvers<string>()
    let asked = 0
    const waiting = whileStoreAnswers(
      policy,
      work,
      (signal) => {
        asked += 1
        return new Promise((_, refuse) => {
          signal.addEventListener('abort', () => {
            refuse(new Error('too late'))
          })
        })
      },
      () => {
        throw new Error('there was no progress')
      },
    )
    await eventually('the store was asked twice', () => asked >= 2)
    reject(new Error('away'))
    expect((await errorOf(waiting)).message).to.equal('away')
  })
})
