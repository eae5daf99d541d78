/**
 * Polls as Rasa sends them, recorded on the wire: rasa 3.6.21 with aiohttp 3.9.5 and rasa 2.8.34 with aiohttp 3.7.4.
 * The order of fields is theirs, and a poll has a connection of its own.
 */
export interface RasaRequest {
  name: string
  /** The request with `{etag}` where `If-None-Match` has its value. */
  text: string
}

export const RASA_REQUESTS: RasaRequest[] = [
  {
    name: 'Rasa 3.6.21',
    text: lines(
      'GET /models/shop HTTP/1.1',
      'Host: 127.0.0.1:5080',
      'If-None-Match: {etag}',
      'Accept: */*',
      'Accept-Encoding: gzip, deflate',
      'User-Agent: Python/3.10 aiohttp/3.9.5',
    ),
  },
  {
    name: 'Rasa 3.6.21 with params, headers and a token',
    text: lines(
      'GET /models/shop?fixed=1&instance=pod-7&role=shop&token=s3cr%26t/%26 HTTP/1.1',
      'Host: 127.0.0.1:5080',
      'X-Bot: shop-bot',
      'If-None-Match: {etag}',
      'Accept: */*',
      'Accept-Encoding: gzip, deflate',
      'User-Agent: Python/3.10 aiohttp/3.9.5',
    ),
  },
  {
    name: 'Rasa 2.8.34',
    text: lines(
      'GET /models/shop HTTP/1.1',
      'Host: 127.0.0.1:5080',
      'If-None-Match: {etag}',
      'Accept: */*',
      'Accept-Encoding: gzip, deflate',
      'User-Agent: Python/3.8 aiohttp/3.7.4',
    ),
  },
]

function lines(...fields: string[]): string {
  return `${fields.join('\r\n')}\r\n\r\n`
}
