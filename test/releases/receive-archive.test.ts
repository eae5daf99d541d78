import { expect } from 'chai'
import type { ArchiveInspector } from '../../server/releases/archive-inspector.ts'
import type { BlobStore, StagedBlob } from '../../server/blobs/blob-store.ts'
import { receiveArchive } from '../../server/releases/receive-archive.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { unlimitedSpace } from '../support/unlimited-space.ts'

async function* body(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('some bytes of an archive'))
}

/** What was done with a staged blob and its inspection, in order. */
interface Parts {
  seen: string[]
  write: () => Promise<void>
  inspect: () => Promise<void>
}

function receive({ seen, write, inspect }: Parts) {
  const staged: StagedBlob = {
    size: 24,
    write: async () => {
      await write()
    },
    digest: () => 'a'.repeat(64),
    commit: () => Promise.resolve('created'),
    discard: () => {
      seen.push('discarded')
      return Promise.resolve()
    },
  }
  const inspector: ArchiveInspector = {
    write: inspect,
    end: () => Promise.reject(new Error('not reached')),
    abort: () => seen.push('aborted'),
  }
  return receiveArchive(
    {
      blobs: { stage: () => Promise.resolve(staged) } as unknown as BlobStore,
      inspect: () => inspector,
      maxArchiveBytes: 1_000,
      space: unlimitedSpace(),
    },
    body(),
  )
}

describe('an archive that is refused while it arrives', () => {
  it('is discarded only when the write that is under way has ended: its file is open until then', async () => {
    const seen: string[] = []
    const writing = Promise.withResolvers<undefined>()
    const received = receive({
      seen,
      write: async () => {
        await writing.promise
        seen.push('written')
      },
      inspect: () => Promise.reject(new Error('this is no archive')),
    })
    setImmediate(() => {
      writing.resolve(undefined)
    })
    expect(await rejection(received)).to.include({ message: 'this is no archive' })
    expect(seen).to.deep.equal(['written', 'aborted', 'discarded'])
  })

  it('is let go of by the inspection only when that has dealt with the bytes that it was given', async () => {
    const seen: string[] = []
    const inspecting = Promise.withResolvers<undefined>()
    const received = receive({
      seen,
      write: () => Promise.reject(new Error('the disk is full')),
      inspect: async () => {
        await inspecting.promise
        seen.push('inspected')
      },
    })
    setImmediate(() => {
      inspecting.resolve(undefined)
    })
    expect(await rejection(received)).to.include({ message: 'the disk is full' })
    expect(seen).to.deep.equal(['inspected', 'aborted', 'discarded'])
  })
})
