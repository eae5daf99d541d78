import type { Request, Response } from 'express'
import { safeFileName } from '../../../protocol/file-name.ts'
import {
  receiveArchive,
  type ReceiveDependencies,
  type ReceivedArchive,
} from '../../releases/receive-archive.ts'
import type { AdmittedUpload } from './admit-upload.ts'
import type { PublishRequest } from './publish-request.ts'
import { readUpload } from './read-upload.ts'
import { receiveForm } from './receive-form.ts'

/** An archive that came in, the name that it came with, and its signature. */
export interface ReceivedUpload {
  received: ReceivedArchive
  filename: string | undefined
  /** A Sigstore bundle. */
  bundle: Uint8Array | undefined
}

/**
 * Takes the archive of a publish in, whether it is the body or in a form.
 *
 * @throws What receiveArchive, readUpload and receiveForm throw. Nothing is left behind then.
 */
export async function receiveUpload(
  dependencies: ReceiveDependencies,
  { body, digest, accept }: PublishRequest,
  { reservation, room }: AdmittedUpload,
  request: Request,
  response: Response,
): Promise<ReceivedUpload> {
  const expected = { digest, accept, reservation, room }
  if (body === 'archive') {
    const received = await receiveArchive(dependencies, readUpload(request, response), expected)
    return { received, filename: undefined, bundle: undefined }
  }
  const { received, filename, bundle } = await receiveForm(
    (stream) => receiveArchive(dependencies, stream, expected),
    request,
    response,
  )
  return { received, filename: safeFileName(filename), bundle }
}
