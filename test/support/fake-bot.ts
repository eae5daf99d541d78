import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, rmSync, statSync, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'

/**
 * What a puller meets of a Rasa bot, in a process of its own: `fake-bot.ts PORT DIR NOTES`. At its start it loads the
 * newest archive of DIR, and `PUT /model` loads another; `GET /status` says the digest of what it runs. NOTES/bad holds
 * digests that it cannot load (400); where NOTES/crash exists, it ends in the middle of the next PUT.
 */
const [port = '', dir = '', notes = ''] = process.argv.slice(2)
let running: string | null = null

function load(file: string): boolean {
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex')
  const bad = path.join(notes, 'bad')
  if (existsSync(bad) && readFileSync(bad, 'utf8').includes(digest)) return false
  running = digest
  return true
}

function newestArchive(): string | undefined {
  const files = readdirSync(dir)
    .filter((name) => name.endsWith('.tar.gz') && !name.startsWith('.'))
    .map((name) => path.join(dir, name))
  return files.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs)[0]
}

const first = newestArchive()
if (first !== undefined) load(first)

createServer((request, response) => {
  if (request.url === '/status') {
    response.end(JSON.stringify({ running }))
    return
  }
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    const crash = path.join(notes, 'crash')
    if (existsSync(crash)) {
      rmSync(crash)
      process.exit(1)
    }
    const { model_file: file } = JSON.parse(body) as { model_file: string }
    response.writeHead(load(file) ? 204 : 400).end()
  })
}).listen(Number(port), '127.0.0.1')
