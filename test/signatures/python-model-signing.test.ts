import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { signDigest } from '../../client/signing/sign-digest.ts'
import { readSigners } from '../../signatures/trusted-signers.ts'
import { verifySignature } from '../../signatures/verify-signature.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aKeyPair } from '../support/key-pairs.ts'
import { digestOf } from '../support/serve-archive.ts'
import { installedProgram } from '../support/services/service-process.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('OpenSSF model-signing, in Python', function () {
  this.timeout(120_000)
  let python = ''
  before(function () {
    python = installedProgram(this, 'model-signing-python')
  })

  const run = (...args: string[]) => promisify(execFile)(python, ['-m', 'model_signing', ...args])

  async function aFolder(curve: string) {
    const folder = await temporaryDirectory()
    const at = (name: string): string => path.join(folder, name)
    const pair = aKeyPair(curve)
    const archive = anArchive()
    await writeFile(at('bot.tar.gz'), archive)
    await writeFile(at('key'), pair.privatePem)
    await writeFile(at('key.pub'), pair.publicPem)
    return { at, pair, digest: digestOf(archive) }
  }

  for (const curve of ['P-384', 'P-521']) {
    it(`verifies what Slipway signed with ${curve}, and nothing else`, async () => {
      const { at, pair, digest } = await aFolder(curve)
      await writeFile(at('sig'), signDigest(digest, 'bot.tar.gz', pair.privateKey))
      const verify = (archive: string) =>
        run('verify', 'key', archive, '--signature', at('sig'), '--public_key', at('key.pub'))
      await verify(at('bot.tar.gz'))
      await writeFile(at('other.tar.gz'), anArchive())
      const failure = await verify(at('other.tar.gz')).then(
        () => 'verified',
        () => 'refused',
      )
      expect(failure).to.equal('refused')
    })

    it(`signs with ${curve} what Slipway verifies, and nothing else`, async () => {
      const { at, pair, digest } = await aFolder(curve)
      await run('sign', 'key', at('bot.tar.gz'), '--signature', at('sig'), '--private_key', at('key'))
      const bundle = await readFile(at('sig'))
      const trust = { signers: readSigners([{ key: pair.publicPem }]), roots: [] }
      expect(verifySignature(bundle, digest, trust).format).to.equal('model-signing')
      expect(() => verifySignature(bundle, digestOf(Buffer.from('other')), trust)).to.throw(
        'not about this archive',
      )
    })
  }

  it('signs folders, which are no archives', async () => {
    const { at, pair, digest } = await aFolder('P-256')
    await mkdir(at('folder'))
    await writeFile(at('folder/a.tar.gz'), await readFile(at('bot.tar.gz')))
    await writeFile(at('folder/b.tar.gz'), anArchive())
    await run('sign', 'key', at('folder'), '--signature', at('sig'), '--private_key', at('key'))
    const trust = { signers: readSigners([{ key: pair.publicPem }]), roots: [] }
    const bundle = await readFile(at('sig'))
    expect(() => verifySignature(bundle, digest, trust)).to.throw('a folder of 2 files')
  })
})
