import type { Readable, Writable } from 'node:stream'
import type { Request, Response } from 'express'
import multer, { type Options, type StorageEngine } from 'multer'
import type { ReceivedArchive } from '../../releases/receive-archive.ts'
import { acceptBody } from './accept-body.ts'
import { FormBundle } from './form-bundle.ts'
import { FormChunks } from './form-chunks.ts'
import { explainFormFailure, formRefusal } from './form-refusal.ts'
import { RequestError } from '../reply/request-error.ts'
import { whenSenderLeaves } from './when-sender-leaves.ts'
import { watchPace } from '../watch-pace.ts'

/** An archive that came in a form, with the name that it had there and the signature that came with it. */
export interface FormArchive {
  received: ReceivedArchive
  filename: string
  /** A Sigstore bundle; undefined where the form has none. */
  bundle: Uint8Array | undefined
}

/** An archive of a form, whose other parts may be still to come. */
type FormFile = Omit<FormArchive, 'bundle'>

/** Takes the bytes of an archive in. */
export type Receive = (bytes: AsyncIterable<Uint8Array>) => Promise<ReceivedArchive>

/** No form of ours has more; busboy counts them one by one. The second file is a bundle. */
const LIMITS = { files: 2, fields: 20, fieldSize: 64 * 1024, fieldNameSize: 200, parts: 25, headerPairs: 50 }

const FILE_FIELDS = new Set(['model', 'file'])
const BUNDLE_FIELD = 'bundle'

/**
 * Takes the archive out of a `multipart/form-data` body: one file, named `model` as Rasa X has it, or `file`. A Sigstore
 * bundle may come as a field or file `bundle`, before or after it.
 *
 * The bytes stream straight into `receive`. Only when the whole form was sound is the archive handed
 * over: with two files, the first one ends before the second is seen.
 *
 * @throws RequestError `multipart-malformed`, `bundle-too-large`, `archive-missing`, `upload-truncated`, `slow-client`, and what
 *   `receive` throws. Nothing is left behind then.
 */
export async function receiveForm(
  receive: Receive,
  request: Request,
  response: Response,
): Promise<FormArchive> {
  const receptions: Promise<FormFile>[] = []
  const bundle = new FormBundle()
  let archives = 0
  const chunks = new FormChunks()
  let parser: Writable | undefined
  const stopWatching = watchPace(request)
  try {
    await new Promise<void>((resolve, reject) => {
      const upload = multer({
        limits: LIMITS,
        storage: stagingEngine((file) => receive(chunks.releasing(file)), bundle, receptions, reject),
        fileFilter: (_request, { fieldname }, accept) => {
          if (FILE_FIELDS.has(fieldname)) archives++
          if (archives > 1) reject(formRefusal('LIMIT_FILE_COUNT'))
          else if (FILE_FIELDS.has(fieldname) || fieldname === BUNDLE_FIELD) accept(null, true)
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
    // multer leaves a request without a body alone.
    bundle.addField((request.body as Record<string, unknown> | undefined)?.[BUNDLE_FIELD])
    if (archive !== undefined) return { ...archive, bundle: bundle.bytes }
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
  bundle: FormBundle,
  receptions: Promise<FormFile>[],
  refuse: (error: unknown) => void,
): StorageEngine {
  return {
    _handleFile(_request, file, done) {
      if (file.fieldname === BUNDLE_FIELD) {
        bundle.addFile(file.stream).then(() => {
          done(null, {})
        }, refuse)
        return
      }
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
async function discardAll(receptions: readonly Promise<FormFile>[]): Promise<void> {
  for (const result of await Promise.allSettled(receptions)) {
    if (result.status === 'fulfilled') await result.value.received.staged.discard()
  }
}
