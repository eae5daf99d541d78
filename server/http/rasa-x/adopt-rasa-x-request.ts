import type { IncomingMessage } from 'node:http'
import { translateRasaX } from './rasa-x-address.ts'

/** Makes one of ours of a request to Rasa X; any other stays as it is. The gate then asks for the token as it always does. */
export function adoptRasaXRequest(request: IncomingMessage): void {
  const translated = translateRasaX(request.method ?? '', request.url ?? '')
  if (translated === undefined) return
  request.url = translated.url
  if (translated.token !== undefined) request.headers.authorization ??= `Bearer ${translated.token}`
}
