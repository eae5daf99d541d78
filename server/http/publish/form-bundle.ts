import { LONGEST_BUNDLE_BYTES } from '../../../protocol/signature.ts'
import { RequestError } from '../reply/request-error.ts'

/** The bundle of a form, which may come as a file or as a text. */
export class FormBundle {
  #bytes: Uint8Array | undefined

  /** What came; undefined where nothing has. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes
  }

  /** Takes it in as a file. @throws RequestError `bundle-too-large`, `multipart-malformed` */
  async addFile(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > LONGEST_BUNDLE_BYTES) throw tooLarge()
      // The memory of a chunk is given back once the form has gone past it.
      parts.push(Uint8Array.from(chunk))
    }
    this.#add(Buffer.concat(parts))
  }

  /**
   * Takes it in as a text.
   *
   * @param field The value of the field as the parser has it: undefined, a text, a list of texts, or what `bundle[x]` makes.
   * @throws RequestError `bundle-too-large`, `multipart-malformed`
   */
  addField(field: unknown): void {
    if (field === undefined) return
    if (typeof field !== 'string') throw severalBundles()
    const bytes = Buffer.from(field)
    if (bytes.length > LONGEST_BUNDLE_BYTES) throw tooLarge()
    this.#add(bytes)
  }

  #add(bytes: Uint8Array): void {
    if (this.#bytes !== undefined) throw severalBundles()
    this.#bytes = bytes
  }
}

function severalBundles(): RequestError {
  return new RequestError(
    'multipart-malformed',
    'Send one bundle, as a text or as a file in the field "bundle".',
  )
}

function tooLarge(): RequestError {
  return new RequestError('bundle-too-large', `A bundle has at most ${LONGEST_BUNDLE_BYTES} bytes.`)
}
