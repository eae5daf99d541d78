import { expect } from 'chai'
import { copyInWorker } from '../../server/tools/backup/copy-in-worker.ts'
import { rejection } from '../contracts/catalog-support.ts'

describe('copying a catalog in a thread of its own', () => {
  const copy = (program: string) =>
    copyInWorker({ from: { file: 'from' }, to: 'to' }, new URL(`data:text/javascript,${program}`))

  it('fails, and says so, where the thread ends without an answer', async () => {
    const error = await rejection(copy('process.exit(7)'))
    expect(error).to.include({ name: 'ToolFailure', exit: 3 })
    expect(error.message).to.contain('ended before it had (exit code 7)')
  })

  it('fails with what the thread fails with', async () => {
    const error = await rejection(copy(`throw new Error('mine')`))
    expect(error.message).to.equal('mine')
  })
})
