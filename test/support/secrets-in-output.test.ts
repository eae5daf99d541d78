import { expect } from 'chai'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runSlipway } from './run-slipway.ts'
import { noteSecret, noteSecretsOf, refuseSecretsIn } from './secrets-in-output.ts'
import { temporaryDirectory } from './temporary-directory.ts'

describe('the search for secrets in what programs write', () => {
  it('finds a token that a program was started with, and says where', () => {
    noteSecretsOf({ SLIPWAY_TOKEN: 'a-token-of-a-test', SLIPWAY_URL: 'http://127.0.0.1:5000' })
    expect(() => {
      refuseSecretsIn('sent to http://127.0.0.1:5000: Bearer a-token-of-a-test', 'slipway push')
    }).to.throw(
      'slipway push wrote the secret a-token-of-a-test, after: sent to http://127.0.0.1:5000: Bearer ',
    )
  })

  it('has forgotten the secrets of the test before', () => {
    refuseSecretsIn('a-token-of-a-test', 'slipway push')
  })

  it('looks at what commands write', async () => {
    const folder = await temporaryDirectory()
    noteSecret('a-file-called-as-a-token')
    await writeFile(path.join(folder, 'a-file-called-as-a-token'), 'no archive')
    const ran = await runSlipway(['show', './a-file-called-as-a-token'], { cwd: folder }).catch(
      (error: unknown) => error,
    )
    expect(ran).to.be.instanceOf(Error)
    expect(String(ran)).to.include('wrote the secret')
  }).timeout(60_000)
})
