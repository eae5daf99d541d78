import { open } from 'node:fs/promises'
import { constants, crc32, deflateRawSync } from 'node:zlib'
import { archiveMembers, noise } from './archive-members.ts'
import type { ArchiveOptions } from './archive-members.ts'
import { bytesOfMember, paddingAfter, tarHeader } from './tar-builder.ts'

const SEGMENT = 4 * 1024 * 1024

/**
 * Writes a sound Rasa 3 archive with a payload of `bytes` to `path`, quickly and in flat memory: one
 * compressed segment is repeated, since deflate streams can be joined at a full flush (RFC 1951 §3.2.4).
 *
 * `noise` cannot be compressed; `weights` shrinks to about three quarters, as those of trained models do.
 */
export async function largeArchiveFile(
  path: string,
  bytes: number,
  options: ArchiveOptions & { payload?: 'noise' | 'weights' } = {},
): Promise<void> {
  const file = await open(path, 'w')
  let crc = 0
  let size = 0
  const write = async (plain: Buffer, packed: Buffer, times = 1) => {
    for (let time = 0; time < times; time++) {
      crc = crc32(plain, crc)
      size += plain.length
      await file.appendFile(packed)
    }
  }
  try {
    await file.appendFile(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]))
    const members = archiveMembers(options)
    const metadata = members.pop()
    const payload = { path: 'components/weights/weights.bin' }
    const head = Buffer.concat([...members.flatMap(bytesOfMember), tarHeader(payload, bytes)])
    await write(head, deflated(head))
    const segment = options.payload === 'weights' ? weights() : noise('segment', SEGMENT)
    await write(segment, deflated(segment), Math.floor(bytes / SEGMENT))
    const rest = segment.subarray(0, bytes % SEGMENT)
    const tail = Buffer.concat([
      rest,
      paddingAfter(bytes),
      ...(metadata ? bytesOfMember(metadata) : []),
      Buffer.alloc(1024),
    ])
    await write(tail, deflateRawSync(tail))
    const trailer = Buffer.alloc(8)
    trailer.writeUInt32LE(crc, 0)
    trailer.writeUInt32LE(size % 2 ** 32, 4)
    await file.appendFile(trailer)
  } finally {
    await file.close()
  }
}

/** Little-endian floats between -1 and 1: random mantissas, alike exponents. */
function weights(): Buffer {
  const segment = noise('weights', SEGMENT)
  for (let offset = 0; offset < SEGMENT; offset += 4) {
    segment.writeFloatLE((segment.readInt16LE(offset) / 32_768) * 0.2, offset)
  }
  return segment
}

function deflated(plain: Buffer): Buffer {
  return deflateRawSync(plain, { level: 1, finishFlush: constants.Z_FULL_FLUSH })
}
