import { mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ArchiveInspection } from '../../../archives/archive-inspection.ts'
import { ObjectBlobs } from '../../../server/blobs/object-blobs.ts'
import type { Catalog } from '../../../server/catalog/catalog.ts'
import { KeyedMutex } from '../../../concurrency/keyed-mutex.ts'
import type { IntakeEvent } from '../../../server/intake/intake-event.ts'
import { Inbox, type InboxDependencies } from '../../../server/intake/inbox/inbox.ts'
import { publishModel, type PublishDependencies } from '../../../server/releases/publish-model.ts'
import { rememberRefusal } from '../../../server/intake/remember-refusal.ts'
import { MemoryStore } from '../../../storage/memory/memory-store.ts'
import { aCatalog } from '../../support/a-catalog.ts'
import { rolloutParts } from '../../support/rollout-parts.ts'
import { unlimitedSpace } from '../../support/unlimited-space.ts'
import { eventually } from '../../support/eventually.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'

/** An inbox over real files and the real operation, with blobs in memory. */
export interface InboxUnderTest {
  folder: string
  catalog: Catalog
  events: IntakeEvent[]
  /** How often publishing was tried. */
  readonly attempts: number
  /** By which rules archives are refused. */
  rules: string
  readonly inbox: Inbox
  /** Ends the inbox and starts another on the same folder and catalog, with an empty list of events. */
  restart(): Promise<void>
  /** Waits until an event of that kind was told, about `file` where it is given. */
  told<Kind extends IntakeEvent['kind']>(
    kind: Kind,
    file?: string,
    times?: number,
  ): Promise<IntakeEvent & { kind: Kind }>
  /** The kinds of events, with the paths that they are about, in order. */
  story(): string[]
  /** The release that `latest` points at. */
  latest(model?: string): Promise<number | undefined>
}

export interface InboxOptions extends Pick<Partial<InboxDependencies>, 'timings'> {
  folder?: string
  /** Of another inbox, which another server watches. */
  catalog?: Catalog
  /** Whether several servers share the catalog. */
  isShared?: boolean
  /** Stands between the inbox and the operation. */
  around?: (publish: InboxDependencies['publish']) => InboxDependencies['publish']
}

/** Makes an inbox that is not started yet, and ends with the current test. */
export async function anInbox(options: InboxOptions = {}): Promise<InboxUnderTest> {
  const folder = options.folder ?? (await temporaryDirectory())
  const catalog = options.catalog ?? (await aCatalog())
  const operation: PublishDependencies = {
    catalog,
    blobs: new ObjectBlobs(new MemoryStore(), () => Promise.resolve(undefined)),
    tagMover: rolloutParts(catalog, { clock: Date, isShared: options.isShared ?? false }).runner,
    blobLock: new KeyedMutex(),
    clock: Date,
    inspect: () => new ArchiveInspection(),
    maxArchiveBytes: 64 * 1024 * 1024,
    space: unlimitedSpace(),
    trustedRoots: [],
  }
  const around = options.around ?? ((publish) => publish)
  let attempts = 0
  const publish = around((body, terms) => publishModel(operation, body, terms))
  const make = () =>
    new Inbox({
      folder,
      catalog,
      clock: Date,
      publish: (body, terms) => {
        attempts++
        return publish(body, terms)
      },
      rememberRefused: (look, code, refusedBy) => rememberRefusal({ catalog }, look, code, refusedBy),
      rules: under.rules,
      readTrainedAt,
      onEvent: (event) => under.events.push(event),
      timings: {
        gatherMs: 10,
        quietMs: 150,
        incompleteGraceMs: 800,
        firstRetryMs: 50,
        rescanMs: 60_000,
        ...options.timings,
      },
    })
  let inbox: Inbox | undefined
  const under: InboxUnderTest = {
    folder,
    catalog,
    events: [],
    get attempts() {
      return attempts
    },
    rules: 'version 1',
    get inbox() {
      return (inbox ??= make())
    },
    restart: async () => {
      await under.inbox.stop()
      under.events.length = 0
      attempts = 0
      inbox = make()
      await under.inbox.start()
    },
    told: (kind, file, times = 1) =>
      eventually(`${kind} ${file ?? ''}`, () => {
        const told = under.events
          .filter(isOf(kind))
          .filter((event) => file === undefined || isAbout(event, file))
        return told[times - 1]
      }),
    story: () => under.events.map((event) => `${event.kind} ${'path' in event ? event.path : ''}`.trim()),
    latest: async (model = 'default') => (await catalog.findTag(model, 'latest'))?.release,
  }
  afterThisTest(() => under.inbox.stop())
  return under
}

async function readTrainedAt(bytes: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const inspection = new ArchiveInspection()
  for await (const chunk of bytes) await inspection.write(chunk)
  return (await inspection.end()).trainedAt
}

function isOf<Kind extends IntakeEvent['kind']>(kind: Kind) {
  return (event: IntakeEvent): event is IntakeEvent & { kind: Kind } => event.kind === kind
}

function isAbout(event: IntakeEvent, file: string): boolean {
  return 'path' in event && event.path === file
}

/**
 * Puts a file where the inbox finds it, whole from the first moment.
 *
 * @param modifiedAt Seconds since 1970; now, where it is absent.
 */
export async function put(
  folder: string,
  name: string,
  bytes: Uint8Array | string,
  modifiedAt?: number,
): Promise<string> {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  const hidden = path.join(folder, `.${path.basename(name)}.part`)
  await writeFile(hidden, bytes)
  if (modifiedAt !== undefined) await utimes(hidden, modifiedAt, modifiedAt)
  await rename(hidden, file)
  return file
}
