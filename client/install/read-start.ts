import { open } from 'node:fs/promises'

/** The first bytes of a file, at most so many: all of it where it is shorter. */
export async function readStart(file: string, most: number): Promise<Buffer> {
  const handle = await open(file)
  try {
    const buffer = Buffer.alloc(most)
    let length = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length)
      length += bytesRead
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length)
    }
  } finally {
    await handle.close()
  }
}
