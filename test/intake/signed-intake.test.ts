import { expect } from 'chai'
import { signDigest } from '../../client/signing/sign-digest.ts'
import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { DomainError } from '../../server/errors/errors.ts'
import { BucketImport } from '../../server/intake/bucket/bucket-import.ts'
import type { IntakeEvent } from '../../server/intake/intake-event.ts'
import { publishModel } from '../../server/releases/publish-model.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { aKeyPair } from '../support/key-pairs.ts'
import { digestOf } from '../support/serve-archive.ts'
import { putObject } from '../support/store-access.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { upkeepParts } from '../upkeep/upkeep-support.ts'
import { anInbox, put } from './inbox/inbox-under-test.ts'

const pair = aKeyPair()
const policy = { require: [{ key: pair.publicPem }] }
const signatureOf = (archive: Uint8Array) => signDigest(digestOf(archive), 'a.tar.gz', pair.privateKey)

describe('an inbox of a model that requires signatures', () => {
  async function aStrictInbox() {
    const under = await anInbox()
    await under.catalog.write('shop', async (writer) => {
      await writer.ensureModel('shop', '2026-01-01T00:00:00.000Z')
      await writer.setSignatures('shop', policy)
    })
    await under.inbox.start()
    return under
  }

  it('publishes what is signed beside its name', async () => {
    const under = await aStrictInbox()
    const archive = anArchive()
    const bundle = signatureOf(archive)
    await put(under.folder, 'shop/a.tar.gz.sigstore.json', bundle)
    await put(under.folder, 'shop/a.tar.gz', archive)
    const { release } = await under.told('published', 'shop/a.tar.gz')
    expect(release.signature).to.include({ verified: true })
    expect(await under.catalog.findBundle('shop', 1)).to.equal(bundle)
  })

  it('publishes nothing that is not, until a signature comes', async () => {
    const under = await aStrictInbox()
    const archive = anArchive()
    await put(under.folder, 'shop/a.tar.gz', archive)
    const { error } = await under.told('failed', 'shop/a.tar.gz')
    expect(error).to.be.instanceOf(DomainError).with.property('code', 'signature-required')
    expect(await under.catalog.countReleases('shop')).to.equal(0)
    // Others are not held up by it.
    const other = anArchive()
    await put(under.folder, 'shop/b.tar.gz.sigstore.json', signatureOf(other))
    await put(under.folder, 'shop/b.tar.gz', other)
    await under.told('published', 'shop/b.tar.gz')
    await put(under.folder, 'shop/a.tar.gz.sigstore.json', signatureOf(archive))
    await under.told('published', 'shop/a.tar.gz')
  })

  it('publishes nothing with the signature of another archive, or one that is longer than any', async () => {
    const under = await aStrictInbox()
    await put(under.folder, 'shop/a.tar.gz.sigstore.json', signatureOf(anArchive()))
    await put(under.folder, 'shop/a.tar.gz', anArchive())
    const { error } = await under.told('failed', 'shop/a.tar.gz')
    expect(error).to.be.instanceOf(DomainError).with.property('code', 'signature-refused')
    await put(under.folder, 'shop/b.tar.gz.sigstore.json', ' '.repeat(1e6))
    await put(under.folder, 'shop/b.tar.gz', anArchive())
    await under.told('failed', 'shop/b.tar.gz')
    expect(await under.catalog.countReleases('shop')).to.equal(0)
  })
})

describe('the import of a bucket into a model that requires signatures', () => {
  it('publishes what is signed beside its key, and nothing else', async () => {
    const parts = { ...(await upkeepParts()), inspect: () => new ArchiveInspection() }
    const { catalog, clock } = parts
    await catalog.write('shop', async (writer) => {
      await writer.ensureModel('shop', '2026-01-01T00:00:00.000Z')
      await writer.setSignatures('shop', policy)
    })
    const store = new MemoryStore(() => clock.now())
    const [signed, unsigned] = [anArchive(), anArchive()]
    await putObject(store, 'shop/a.tar.gz', unsigned)
    await putObject(store, 'shop/b.tar.gz.sigstore.json', Buffer.from(signatureOf(signed)))
    await putObject(store, 'shop/b.tar.gz', signed)
    const events: IntakeEvent[] = []
    const imported = new BucketImport({
      store,
      place: 's3://trained',
      except: undefined,
      intervalMilliseconds: 20,
      catalog,
      clock,
      rules: '1',
      onEvent: (event: IntakeEvent) => events.push(event),
      housekeeping: new SoleHousekeeper(),
      writesIn: () => ({
        publish: (body, terms) => publishModel(parts, body, terms),
        rememberRefused: () => Promise.reject(new Error('A signature may still come')),
      }),
    })
    afterThisTest(() => imported.stop())
    await imported.start()
    await eventually('both were looked at', () => events.some(({ kind }) => kind === 'published'))
    expect(events.map((event) => `${event.kind} ${'path' in event ? event.path : ''}`)).to.include.members([
      'failed shop/a.tar.gz',
      'published shop/b.tar.gz',
    ])
    expect(await catalog.countReleases('shop')).to.equal(1)
  })
})

describe('an inbox of a model that has as much as it may', () => {
  it('publishes nothing more until there is room, and then by itself', async () => {
    const under = await anInbox()
    await under.catalog.write('shop', async (writer) => {
      await writer.ensureModel('shop', '2026-01-01T00:00:00.000Z')
      await writer.setQuota('shop', { bytes: null, releases: 1 })
    })
    await under.inbox.start()
    await put(under.folder, 'shop/a.tar.gz', anArchive())
    await under.told('published', 'shop/a.tar.gz')
    await put(under.folder, 'shop/b.tar.gz', anArchive())
    const { error } = await under.told('failed', 'shop/b.tar.gz')
    expect(error).to.be.instanceOf(DomainError).with.property('code', 'quota-exceeded')
    expect(await under.catalog.countReleases('shop')).to.equal(1)
    await under.catalog.write('shop', (writer) => writer.setQuota('shop', null))
    await under.told('published', 'shop/b.tar.gz')
  })
})
