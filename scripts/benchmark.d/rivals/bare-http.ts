import { createServer } from 'node:http'

// The least that Node can do for a poll: no rule, no look-up, a fixed answer.
createServer((_request, response) => {
  response.writeHead(304, { ETag: '"0"' })
  response.end()
}).listen(Number(process.argv[2]), '127.0.0.1')
