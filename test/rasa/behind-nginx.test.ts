import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '../support/free-port.ts'
import { startChild } from './child.ts'
import { publishByCurl } from './publish-by-curl.ts'
import { coldStartSeconds, startRasaBot } from './rasa-bot.ts'
import { startSlipway } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

describe('a real Rasa bot behind nginx, which compresses everything', () => {
  after(endSuite)

  it('loads a release, and the next one', async () => {
    const folder = await suiteFolder()
    const server = await startSlipway(path.join(folder, 'server'))
    const proxy = await startNginx(folder, server.url)
    await publishByCurl(server.url, 'rasa-3.6-light-v1.tar.gz')
    const bot = await startRasaBot(path.join(folder, 'bot'), `${proxy}/models/default`)
    for (const [file, intent] of [
      ['rasa-3.6-light-v1.tar.gz', 'hello'],
      ['rasa-3.6-light-v2.tar.gz', 'birthday_cake'],
    ] as const) {
      await publishByCurl(server.url, file)
      await until(`the bot takes the question for ${intent}`, coldStartSeconds, async () => {
        return (await bot.intentOf('do you bake birthday cakes')) === intent
      })
    }
  })
})

/** Starts nginx in front of a server; returns its address. */
async function startNginx(folder: string, server: string): Promise<string> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const config = `
    daemon off; pid ${folder}/nginx.pid; error_log stderr;
    events {}
    http {
      access_log off; gzip on; gzip_types *; gzip_proxied any; gzip_http_version 1.0;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      server { listen 127.0.0.1:${port}; location / { proxy_pass ${server}; } }
    }
  `
  await writeFile(path.join(folder, 'nginx.conf'), config)
  const nginx = startChild('nginx', ['-c', path.join(folder, 'nginx.conf'), '-p', folder], {
    folder,
    env: {},
  })
  await until('nginx listens', 30, async () => {
    if (!nginx.running()) throw new Error(`nginx ended:\n${nginx.output()}`)
    return (await fetch(`${url}/livez`)).ok
  })
  return url
}
