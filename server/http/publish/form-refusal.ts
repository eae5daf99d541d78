import type { IncomingMessage } from 'node:http'
import multer from 'multer'
import { RequestError } from '../reply/request-error.ts'

/** What multer calls what is wrong with a form. */
type FormFault = multer.MulterError['code']

/** The refusal of a form that is not as it should be. */
export function formRefusal(code: FormFault, cause?: Error): RequestError {
  const isFile = code === 'LIMIT_UNEXPECTED_FILE' || code === 'LIMIT_FILE_COUNT'
  const detail = isFile
    ? 'Send one file, in a field named "model" or "file", and at most one "bundle".'
    : `The form is not one that is taken here (${code}); send one file, in a field named "model" or "file".`
  return new RequestError('multipart-malformed', detail, {}, cause === undefined ? {} : { cause })
}

/**
 * Names why a form could not be taken. multer and busboy throw plain errors for what is malformed, and for a sender
 * that went away: neither is a fault of the server.
 */
export function explainFormFailure(error: unknown, request: IncomingMessage): unknown {
  if (error instanceof multer.MulterError) return formRefusal(error.code, error)
  if (isNamed(error)) return error
  if (request.destroyed && !request.complete) {
    if (request.errored instanceof RequestError) return request.errored
    return new RequestError('upload-truncated', 'The form ended before its end.', {}, { cause: error })
  }
  const isPlain = error instanceof Error && error.name === 'Error' && !('code' in error)
  return isPlain
    ? new RequestError(
        'multipart-malformed',
        'The form is not sound multipart/form-data.',
        {},
        { cause: error },
      )
    : error
}

/** Refusals of ours, of the domain and of the inspection have a code from the table; system errors are upper case. */
function isNamed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^[a-z]/.test(String(error.code))
}
