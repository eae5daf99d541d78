import { expect } from 'chai'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runSlipway } from './run-slipway.ts'
import { keptLog } from './log-lines.ts'
import {
  keepOutput,
  noteSecret,
  noteSecretsOf,
  refuseSecretsIn,
  refuseSecretsInKept,
} from './secrets-in-output.ts'
import { aServer } from './server-under-test.ts'
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

  it('looks at what servers within the process logged, before and after the secret was noted', async () => {
    const { lines, logger } = keptLog()
    const server = await aServer({ publishToken: 'the-publish-token', logger })
    await server.request.get('/models/the-publish-token').set('Authorization', 'Bearer the-publish-token')
    expect(lines.map(({ msg }) => msg)).to.include('request')
    expect(refuseSecretsInKept).to.throw('A server of this process wrote the secret the-publish-token')
    const silent = await aServer()
    await silent.request.get('/models/a-later-secret-of-a-test')
    noteSecret('a-later-secret-of-a-test')
    expect(refuseSecretsInKept).to.throw('wrote the secret a-later-secret-of-a-test')
  })

  it('looks at each part of a log that is longer than what is kept', () => {
    noteSecret('a-secret-of-a-test')
    keepOutput('a-secret-of-a-test')
    for (let part = 0; part < 10; part++) keepOutput('x'.repeat(1024 ** 2))
    expect(refuseSecretsInKept).to.throw('wrote the secret a-secret-of-a-test')
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
