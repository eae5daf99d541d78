import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { parse } from 'yaml'
import { anArchive } from '../support/archive-builder.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { aServer } from '../support/server-under-test.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')
const HERE = 'http://127.0.0.1:5080'

/** The commands and files of the first section, in their order, without comments. */
async function steps(): Promise<{ kind: string; text: string }[]> {
  const page = await readFile(path.join(CHECKOUT, 'README.md'), 'utf8')
  const section = /\n## Ten minutes.*?(?=\n## )/s.exec(page)?.[0] ?? ''
  return [...section.matchAll(/```(sh|yaml)\n(.*?)```/gs)].flatMap(([, kind = '', text = '']) =>
    kind === 'yaml'
      ? [{ kind, text }]
      : text
          .trim()
          .split('\n')
          .map((line) => ({ kind, text: line.replace(/ +# .*$/, '') })),
  )
}

describe('the first ten minutes of the README, typed word for word', function () {
  this.timeout(60_000)

  it('end with a bot that was updated and taken back', async () => {
    const { url, request } = await aServer()
    const project = await temporaryDirectory()
    await mkdir(path.join(project, 'models'))
    const type = async (command: string): Promise<string> => {
      const here = command
        .replaceAll(HERE, url)
        .replace('scripts/slipway', `'${process.execPath}' '${path.join(CHECKOUT, 'client/cli/main.ts')}'`)
      const env = { ...process.env, SLIPWAY_URL: url }
      return (await promisify(execFile)('bash', ['-c', here], { cwd: project, env })).stdout
    }
    const answers = ['Hello', 'Good morning']
    const shown: Record<string, string> = {}
    let bot: PollingBot | undefined
    for (const { kind, text } of await steps()) {
      const [, name] = /^rasa train --fixed-model-name (\w+)$/.exec(text) ?? []
      if (kind === 'yaml') {
        const { models } = parse(text) as { models: { url: string } }
        bot = new PollingBot(models.url.replace(HERE, url), 'bot-1')
      } else if (name !== undefined) {
        const responses = { utter_hello: [{ text: answers.shift() }] }
        const archive = anArchive({ metadata: { domain: { intents: ['hello'], responses } } })
        await writeFile(path.join(project, `models/${name}.tar.gz`), archive)
      } else if (/^(git clone|scripts\/start|export HOSTNAME$|rasa run )/.test(text)) {
        // The server runs already, and a bot of the test's stands for Rasa.
      } else shown[text] = await type(text)
      // The bot polls between any two steps: once to fetch, once to say what it runs.
      await bot?.poll()
      await bot?.poll()
    }
    expect(shown['scripts/slipway bots']).to.match(/\nbot-1 +default@production +running +2 /)
    expect(shown["scripts/slipway diff 'default#1' 2"]).to.include('~ utter_hello')
    expect(shown['scripts/slipway rollback default@production']).to.match(
      /^default@production: release 2 → 1\n/,
    )
    expect(shown['scripts/slipway tags default@production']).to.include('rolled back')
    const { body } = await request.get('/api/v1/bots')
    expect(body.items[0]).to.include({ bot: 'bot-1', release: 1, state: 'running' })
  })
})
