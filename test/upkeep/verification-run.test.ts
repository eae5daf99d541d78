import { expect } from 'chai'
import { VerificationRun } from '../../server/upkeep/verification-run.ts'
import { eventually } from '../support/eventually.ts'
import { upkeepParts } from './upkeep-support.ts'

async function runOver(listDigests: () => Promise<{ digest: string; size: number }[]>) {
  const { catalog, clock } = await upkeepParts()
  const failures: unknown[] = []
  const run = new VerificationRun({
    catalog: { ...catalog, listDigests },
    clock,
    verifier: { verify: () => Promise.resolve('sound') },
    onFailure: (error) => failures.push(error),
  })
  run.begin({ part: 1, of: 1 })
  return { run, failures }
}

describe('VerificationRun', () => {
  it('says why it broke off', async () => {
    const gone = new Error('The catalog is gone')
    const { run, failures } = await runOver(() => Promise.reject(gone))
    await eventually('it stopped', () => run.state?.state === 'stopped')
    expect(failures).to.deep.equal([gone])
  })

  it('says nothing where it was told to stop', async () => {
    const { run, failures } = await runOver(() => Promise.resolve([{ digest: 'a', size: 1 }]))
    await run.stop()
    expect([run.state?.state, failures]).to.deep.equal(['stopped', []])
  })
})
