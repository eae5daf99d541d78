import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ApiClient } from '../../api/api-client.ts'
import { demoArchive } from './demo-archive.ts'
import { DemoBot } from './demo-bot.ts'
import { startDemoServer } from './demo-server.ts'
import { DemoStory } from './demo-story.ts'
import type { Tell } from './tell.ts'

/**
 * Shows what Slipway is for, with its own server and three bots: a release that is brought out in two steps, and one that
 * no bot can load, which is taken back by itself. Everything lies in a temporary folder, which is removed however it ends.
 *
 * @throws PullFailure; the signal's reason where it is aborted.
 */
export async function runDemo(tell: Tell, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-demo-'))
  try {
    const server = await startDemoServer(folder)
    const ending = new AbortController()
    const client = new ApiClient({ url: server.url, token: undefined, signal })
    const bots = ['bot-1', 'bot-2', 'bot-3'].map(
      (name) => new DemoBot({ name, url: new URL('models/shop@production', server.url).href, canLoad }),
    )
    const polling = (): Promise<unknown> =>
      Promise.all(bots.map((bot) => bot.run(AbortSignal.any([signal, ending.signal]))))
    let bodies: Promise<unknown> = Promise.resolve()
    try {
      tell(`A server answers at ${server.url.origin}, with its data in a temporary folder`)
      const story = new DemoStory(client, tell, signal)
      await story.publishFirst(await archiveFile(folder, ['greet']))
      bodies = polling()
      await story.everyBotRuns(1, bots.length)
      await story.bringOut(await archiveFile(folder, ['greet', 'goodbye']))
      await story.revert(await archiveFile(folder, BROKEN))
    } finally {
      ending.abort()
      await bodies
      await client.close()
      await server.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
  tell('The server has ended, and the folder is removed. Next: slipway serve')
}

const BROKEN = ['greet', 'goodbye', 'order']
const BROKEN_DIGEST = createHash('sha256').update(demoArchive(BROKEN)).digest('hex')

function canLoad(digest: string): boolean {
  return digest !== BROKEN_DIGEST
}

async function archiveFile(folder: string, intents: readonly string[]): Promise<string> {
  const file = path.join(folder, `shop-${intents.length}.tar.gz`)
  await writeFile(file, demoArchive(intents))
  return file
}
