/** A part of a form. */
export interface Part {
  /** The value of `name=`; left out where undefined. */
  name?: string
  filename?: string
  /** Instead of `filename`, as it stands in the header: `filename*=UTF-8''x`. */
  rawFilename?: string
  content: Uint8Array | string
}

export const BOUNDARY = 'a-boundary-7d41b838504d8'

/** The body of a form, with its end unless that is left out. */
export function formOf(parts: readonly Part[], { end = true } = {}): Buffer {
  const pieces = parts.flatMap(({ name, filename, rawFilename, content }) => {
    const parameters = [
      'form-data',
      ...(name === undefined ? [] : [`name="${name}"`]),
      ...(filename === undefined ? [] : [`filename="${filename}"`]),
      ...(rawFilename === undefined ? [] : [rawFilename]),
    ]
    const type =
      filename === undefined && rawFilename === undefined ? '' : 'Content-Type: application/gzip\r\n'
    return [
      Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: ${parameters.join('; ')}\r\n${type}\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]
  })
  return Buffer.concat([...pieces, Buffer.from(end ? `--${BOUNDARY}--\r\n` : '')])
}

/** The media type of {@link formOf}. */
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`
