import type { Request, Response } from 'express'
import multer, { type StorageEngine } from 'multer'
import {
  receiveArchive,
  type ReceiveDependencies,
  type ReceivedArchive,
} from '../operations/receive-archive.ts'
import { acceptBody } from './accept-body.ts'
import { RequestError } from './request-error.ts'
import { watchPace } from './watch-pace.ts'

/** An archive that came in a form, with the name it had there. */
export interface FormArchive {
  received: ReceivedArchive
  filename: string
}

/** No form of ours has more; busboy counts them one by one. */
const LIMITS = { files: 1, fields: 20, fieldSize: 64 * 1024, fieldNameSize: 200, parts: 25, headerPairs: 50 }

/**
 * Takes the archive out of a `multipart/form-data` body: one file, named `model` as Rasa X has it, or `file`.
 *
 * The bytes stream straight into {@link receiveArchive}. Only when the whole form was sound is the archive handed
 * over: with two files, the first one ends before the second is seen.
 *
 * @throws RequestError `multipart-malformed`, `archive-missing`, and what receiveArchive throws
 */
export async function receiveForm(
  dependencies: ReceiveDependencies,
  request: Request,
  response: Response,
): Promise<FormArchive> {
  const staged: FormArchive[] = []
  const upload = multer({ storage: stagingEngine(dependencies, staged), limits: LIMITS })
  const middleware = upload.fields([{ name: 'model' }, { name: 'file' }])
  acceptBody(request, response)
  const stopWatching = watchPace(request)
  try {
    await new Promise<void>((resolve, reject) => {
      const goneAway = (): void => {
        if (!request.complete) reject(new RequestError('upload-truncated', 'The form ended before its end.'))
      }
      request.once('close', goneAway)
      middleware(request, response, (error: unknown) => {
        request.off('close', goneAway)
        if (error === undefined || error === null) resolve()
        else reject(translate(error))
      })
    })
    const [archive] = staged
    if (archive !== undefined) return archive
    throw new RequestError(
      'archive-missing',
      'The form has no file; send the archive in a field "model" or "file".',
    )
  } catch (error) {
    for (const { received } of staged) await received.staged.discard()
    throw error
  } finally {
    stopWatching()
  }
}

function stagingEngine(dependencies: ReceiveDependencies, staged: FormArchive[]): StorageEngine {
  return {
    _handleFile(_request, file, done) {
      receiveArchive(dependencies, file.stream).then((received) => {
        staged.push({ received, filename: file.originalname })
        done(null, {})
      }, done)
    },
    // What was staged is discarded with the whole form, also where multer does not call this.
    _removeFile(_request, _file, done) {
      done(null)
    },
  }
}

/** Names what multer and busboy complain of; they throw plain errors (a malformed form is never our fault). */
function translate(error: unknown): Error {
  if (error instanceof multer.MulterError) {
    const detail =
      error.code === 'LIMIT_UNEXPECTED_FILE' || error.code === 'LIMIT_FILE_COUNT'
        ? 'Send one file, in a field named "model" or "file".'
        : `The form is larger than it may be: ${error.message}.`
    return new RequestError('multipart-malformed', detail, {}, { cause: error })
  }
  const isNamed = error instanceof Error && ('code' in error || error.name !== 'Error')
  if (isNamed) return error
  return new RequestError(
    'multipart-malformed',
    'The form is not sound multipart/form-data.',
    {},
    { cause: error },
  )
}
