import type { Readable, Writable } from 'node:stream'
import type { Request, Response } from 'express'
import multer, { type Options, type StorageEngine } from 'multer'
import type { ReceivedArchive } from '../../releases/receive-archive.ts'
import { acceptBody } from './accept-body.ts'
import { FormChunks } from './form-chunks.ts'
import { explainFormFailure, formRefusal } from './form-refusal.ts'
import { RequestError } from '../reply/request-error.ts'
import { whenSenderLeaves } from './when-sender-leaves.ts'
import { watchPace } from '../watch-pace.ts'

/** An archive that came in a form, with the name it had there. */
export interface FormArchive {
  received: ReceivedArchive
  filename: string
}

/** Takes the bytes of an archive in. */
export type Receive = (bytes: AsyncIterable<Uint8Array>) => Promise<ReceivedArchive>

/** No form of ours has more; busboy counts them one by one. */
const LIMITS = { files: 1, fields: 20, fieldSize: 64 * 1024, fieldNameSize: 200, parts: 25, headerPairs: 50 }

const FILE_FIELDS = new Set(['model', 'file'])

/**
 * Takes the archive out of a `multipart/form-data` body: one file, named `model` as Rasa X has it, or `file`.
 *
 * The bytes stream straight into `receive`. Only when the whole form was sound is the archive handed
 * over: with two files, the first one ends before the second is seen.
 *
 * @throws RequestError `multipart-malformed`, `archive-missing`, `upload-truncated`, `slow-client`, and what
 *   `receive` throws. Nothing is left behind then.
 */
export async function receiveForm(
  receive: Receive,
  request: Request,
  response: Response,
): Promise<FormArchive> {
  const receptions: Promise<FormArchive>[] = []
  const chunks = new FormChunks()
  let parser: Writable | undefined
  const stopWatching = watchPace(request)
  try {
    await new Promise<void>((resolve, reject) => {
      const upload = multer({
        limits: LIMITS,
        storage: stagingEngine((file) => receive(chunks.releasing(file)), receptions, reject),
        fileFilter: (_request, { fieldname }, accept) => {
          if (FILE_FIELDS.has(fieldname)) accept(null, true)
          else reject(formRefusal('LIMIT_UNEXPECTED_FILE'))
        },
        streamHandler: (form: Readable, busboy: Writable) => {
          parser = busboy
          refuseAtOnce(busboy, reject)
          chunks.watch(form)
          form.pipe(busboy)
        },
      } as Options)
      whenSenderLeaves(request, () => {
        reject(new RequestError('upload-truncated', 'The form ended before its end.'))
      })
      acceptBody(request, response)
      upload.any()(request, response, (error?: unknown) => {
        if (error instanceof Error) reject(error)
        else resolve()
      })
    })
    const [archive] = await Promise.all(receptions)
    if (archive !== undefined) return archive
    throw new RequestError(
      'archive-missing',
      'The form has no file; send the archive in a field "model" or "file".',
    )
  } catch (error) {
    const refusal = explainFormFailure(error, request)
    if (parser !== undefined) request.unpipe(parser)
    parser?.destroy()
    await discardAll(receptions)
    throw refusal
  } finally {
    stopWatching()
  }
}

/**
 * multer reads a refused form to its end before it says so, however long it is; the sender shall hear at once. (Its
 * types do not know `streamHandler` yet.)
 */
function refuseAtOnce(busboy: Writable, refuse: (error: Error) => void): void {
  busboy.once('error', refuse)
  for (const [event, code] of Object.entries({
    filesLimit: 'LIMIT_FILE_COUNT',
    fieldsLimit: 'LIMIT_FIELD_COUNT',
    partsLimit: 'LIMIT_PART_COUNT',
  } as const)) {
    busboy.once(event, () => {
      refuse(formRefusal(code))
    })
  }
}

function stagingEngine(
  receive: Receive,
  receptions: Promise<FormArchive>[],
  refuse: (error: unknown) => void,
): StorageEngine {
  return {
    _handleFile(_request, file, done) {
      const reception = receive(file.stream).then((received) => ({
        received,
        filename: file.originalname,
      }))
      receptions.push(reception)
      reception.then(() => {
        done(null, {})
      }, refuse)
    },
    // What was staged is discarded with the whole form, also where multer does not call this.
    _removeFile(_request, _file, done) {
      done(null)
    },
  }
}

/** Also what is still on its way in: it ends with the form that it came from. */
async function discardAll(receptions: readonly Promise<FormArchive>[]): Promise<void> {
  for (const result of await Promise.allSettled(receptions)) {
    if (result.status === 'fulfilled') await result.value.received.staged.discard()
  }
}
