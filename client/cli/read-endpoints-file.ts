import { open } from 'node:fs/promises'
import type { ModelServer } from '../endpoints/model-server.ts'
import { readEndpoints } from '../endpoints/read-endpoints.ts'
import { usageError } from './usage-error.ts'

/** No endpoints.yml is longer. */
const LONGEST = 1024 * 1024

/**
 * The model server that an endpoints.yml names.
 *
 * @throws PullFailure with every error in it, with file and line.
 */
export async function readEndpointsFile(
  file: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ server: ModelServer; warnings: string[] }> {
  const text = await readStart(file).catch((error: unknown) => {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (text === undefined) throw usageError(`${file} is longer than ${LONGEST} bytes: is it an endpoints.yml?`)
  const { server, errors, warnings } = readEndpoints(text, file, environment)
  if (server === undefined) throw usageError(errors.join('\n'))
  return { server, warnings }
}

/** A file's text; undefined where it is longer than an endpoints.yml can be. */
async function readStart(file: string): Promise<string | undefined> {
  const handle = await open(file)
  try {
    const buffer = Buffer.alloc(LONGEST + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length)
      length += bytesRead
      if (length > LONGEST) return undefined
      if (bytesRead === 0) return buffer.toString('utf8', 0, length)
    }
  } finally {
    await handle.close()
  }
}
