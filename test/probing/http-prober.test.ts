import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { probeSchema } from '../../protocol/rollout-policy.ts'
import type { ResolvedAddress } from '../../server/outgoing/allowed-addresses.ts'
import { HttpProber, type HttpProberOptions, type ProbeReport } from '../../server/probing/http-prober.ts'
import { NEW } from '../fleet/facts.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const never = new AbortController().signal

describe('a probe', () => {
  it('passes where the bot finds the intent', async () => {
    const asked: { method: string | undefined; url: string | undefined; body: string }[] = []
    const bot = await serve(async (request, response) => {
      asked.push({ method: request.method, url: request.url, body: await text(request) })
      answerIntent(response, 'greet', 0.93)
    })
    expect(await bot.ask({ intent: 'greet', confidence: 0.7 })).to.equal('passed')
    expect(asked).to.deep.equal([{ method: 'POST', url: '/model/parse', body: '{"text":"hello"}' }])
  })

  it('fails where the bot finds another intent, and says which', async () => {
    const bot = await serve((_request, response) => {
      answerIntent(response, 'good\u202ebye', 0.93)
    })
    expect(await bot.ask({ intent: 'greet', confidence: 0.7 })).to.equal('failed')
    expect(bot.reports[0]?.reason).to.equal(
      'was answered the intent good\ufffdbye (0.93) where greet was expected',
    )
  })

  it('fails where the bot finds no intent', async () => {
    const bot = await serve((_request, response) => {
      answerIntent(response, null, 0)
    })
    expect(await bot.ask({ intent: 'greet' })).to.equal('failed')
  })

  it('fails where the bot is less sure than it should be', async () => {
    const bot = await serve((_request, response) => {
      answerIntent(response, 'greet', 0.69)
    })
    expect(await bot.ask({ intent: 'greet', confidence: 0.7 })).to.equal('failed')
    expect(bot.reports[0]?.reason).to.match(/\(0\.69\) where at least 0\.7 was expected/)
  })

  it('fails where Rasa cannot parse the message, or has no model', async () => {
    for (const status of [500, 409]) {
      const bot = await serve((_request, response) => response.writeHead(status).end('{}'))
      expect(await bot.ask({ intent: 'greet' })).to.equal('failed')
    }
  })

  it('passes where the bot is right at the third try', async () => {
    let asked = 0
    const bot = await serve((_request, response) => {
      answerIntent(response, ++asked < 3 ? 'goodbye' : 'greet', 0.9)
    })
    expect(await bot.ask({ intent: 'greet' })).to.equal('passed')
  })

  it('has three tries', async () => {
    let asked = 0
    const bot = await serve((_request, response) => {
      asked++
      response.writeHead(500).end()
    })
    expect(await bot.ask({ intent: 'greet' })).to.equal('failed')
    expect(asked).to.equal(3)
  })

  it('learns nothing where it is the probe that may be wrong', async () => {
    for (const status of [400, 401, 403, 404, 429, 502, 503, 504]) {
      const bot = await serve((_request, response) => response.writeHead(status).end())
      expect(await bot.ask({ intent: 'greet' }), String(status)).to.equal('unreachable')
    }
  })

  it('learns nothing from what is not of Rasa', async () => {
    for (const body of ['<html>', '[]', '{"intent": "greet"}', '{"intent": {"name": 3}}', 'null', '']) {
      const bot = await serve((_request, response) => response.end(body))
      expect(await bot.ask({ intent: 'greet' }), body).to.equal('unreachable')
    }
  })

  it('passes where the status is the one that is expected, without the body', async () => {
    const bot = await serve((request, response) => {
      response.writeHead(request.method === 'GET' ? 204 : 500).end()
    })
    expect(await bot.ask({ status: 204 })).to.equal('passed')
    const endless = await serve((_request, response) => {
      response.writeHead(200).write('the first of many bytes')
    })
    expect(await endless.ask({ status: 200 })).to.equal('passed')
  })

  it('fails where the status is another one', async () => {
    const bot = await serve((_request, response) => response.writeHead(500).end())
    expect(await bot.ask({ status: 200 })).to.equal('failed')
    expect(bot.reports[0]?.reason).to.equal('was answered 500 where 200 was expected')
  })

  it('follows no redirect', async () => {
    let followed = false
    const bot = await serve((request, response) => {
      followed ||= request.url === '/elsewhere'
      response.writeHead(302, { Location: '/elsewhere' }).end()
    })
    expect(await bot.ask({ intent: 'greet' })).to.equal('unreachable')
    expect(await bot.ask({ status: 200 })).to.equal('unreachable')
    expect(bot.reports[0]?.reason).to.match(/302.*redirects are not followed/)
    expect(followed).to.be.false
  })

  it('learns nothing from a bot that hangs, before or within its answer', async () => {
    const silent = await serve(() => undefined)
    expect(await silent.ask({ intent: 'greet' }, { tryMilliseconds: 200 })).to.equal('unreachable')
    expect(silent.reports[0]?.reason).to.equal('was not answered within 0.2 s')
    const halfway = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('{"intent"')
    })
    expect(await halfway.ask({ intent: 'greet' }, { tryMilliseconds: 200 })).to.equal('unreachable')
  })

  it('learns nothing from an answer that is cut', async () => {
    const bot = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('{"intent": {"name": "greet"')
      setImmediate(() => response.destroy())
    })
    expect(await bot.ask({ intent: 'greet' })).to.equal('unreachable')
  })

  it('reads no more than a bounded part of an answer', async () => {
    let sent = 0
    const bot = await serve((_request, response) => {
      const more = (): void => {
        while (sent < 10_000_000 && !response.destroyed) {
          sent += 65_536
          if (!response.write(Buffer.alloc(65_536, ' '))) {
            response.once('drain', more)
            return
          }
        }
        response.end()
      }
      more()
    })
    expect(await bot.ask({ intent: 'greet' })).to.equal('unreachable')
    expect(bot.reports[0]?.reason).to.equal('was answered more than can be read')
  })

  it('learns nothing where the connection is refused', async () => {
    const bot = await serve(() => undefined)
    bot.close()
    expect(await bot.ask({ intent: 'greet' })).to.equal('unreachable')
    expect(bot.reports[0]?.reason).to.match(/ECONNREFUSED/)
  })

  it('has the name of the bot percent-encoded where it is no host', async () => {
    const asked: (string | undefined)[] = []
    const bot = await serve((request, response) => {
      asked.push(request.url)
      response.end()
    })
    const url = `http://127.0.0.1:${bot.port}/ask/{bot}?of={bot}`
    expect(await bot.ask({ url }, {}, 'a/../b c?d#e')).to.equal('passed')
    expect(asked).to.deep.equal(['/ask/a%2F..%2Fb%20c%3Fd%23e?of=a%2F..%2Fb%20c%3Fd%23e'])
  })

  it('asks no host that is not allowed, and none that a name could choose', async () => {
    let asked = 0
    const bot = await serve((_request, response) => {
      asked++
      response.end()
    })
    const resolve = (): Promise<ResolvedAddress[]> => Promise.resolve([{ address: '127.0.0.1', family: 4 }])
    const url = `http://{bot}.bots.svc:${bot.port}/`
    expect(await bot.ask({ url }, { resolve, hosts: ['*.other.svc'] })).to.equal('unreachable')
    expect(await bot.ask({ url }, { resolve, hosts: ['*.bots.svc'] }, 'evil.example.com/')).to.equal(
      'unreachable',
    )
    expect(asked).to.equal(0)
    expect(await bot.ask({ url }, { resolve, hosts: ['*.bots.svc'] }, 'pod-7')).to.equal('passed')
    expect(asked).to.equal(1)
  })

  it('asks no address where a cloud serves its credentials, whatever the name leads to', async () => {
    const bot = await serve((_request, response) => response.end())
    for (const address of [
      '169.254.169.254',
      '::ffff:169.254.169.254',
      'fe80::1%eth0',
      'fd00:ec2::254',
      '0.0.0.0',
    ]) {
      const resolve = () => Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }])
      const url = `http://{bot}.bots.svc:${bot.port}/`
      expect(await bot.ask({ url }, { resolve, hosts: ['*.bots.svc'] }), address).to.equal('unreachable')
      expect(bot.reports.at(-1)?.reason).to.match(/no address that may be asked/)
    }
    const url = 'http://169.254.169.254/latest/meta-data/'
    expect(await bot.ask({ url }, { hosts: ['169.254.169.254'] })).to.equal('unreachable')
    expect(bot.reports.at(-1)?.reason).to.match(/no address that may be asked/)
  })

  it('connects to the address that was looked at, although the name says another one when it is asked again', async () => {
    const bot = await serve((_request, response) => response.end())
    let resolved = 0
    const resolve = () =>
      Promise.resolve([{ address: resolved++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }])
    const url = `http://{bot}.bots.svc:${bot.port}/`
    expect(await bot.ask({ url }, { resolve, hosts: ['*.bots.svc'] })).to.equal('passed')
    expect(resolved).to.equal(1)
  })

  it('waits for no resolver that hangs', async () => {
    const bot = await serve((_request, response) => response.end())
    const resolve = () => new Promise<ResolvedAddress[]>(() => undefined)
    expect(
      await bot.ask({ url: 'http://localhost/' }, { resolve, hosts: ['localhost'], tryMilliseconds: 200 }),
    ).to.equal('unreachable')
  })

  it('fails where one of several fails, and has learned nothing where one is unreachable', async () => {
    const bot = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end())
    const url = (status: number): { url: string } => ({ url: `http://127.0.0.1:${bot.port}/${status}` })
    expect(await bot.askAll([url(200), url(503), url(500)])).to.equal('failed')
    expect(await bot.askAll([url(503), url(200)])).to.equal('unreachable')
    expect(await bot.askAll([url(200), url(200)])).to.equal('passed')
    expect(await bot.askAll([])).to.equal('passed')
  })

  it('tells of each without what may be secret in its address', async () => {
    const bot = await serve((_request, response) => response.end())
    await bot.ask({ url: `http://127.0.0.1:${bot.port}/status?token=hunter2` })
    expect(bot.reports).to.deep.equal([
      {
        model: 'shop',
        bot: 'pod-1',
        release: NEW.release,
        url: `http://127.0.0.1:${bot.port}/status`,
        result: 'passed',
        reason: 'was answered 200',
      },
    ])
  })

  it('opens a few connections at once', async () => {
    let open = 0
    let most = 0
    const bot = await serve((_request, response) => {
      most = Math.max(most, ++open)
      setTimeout(() => {
        open--
        response.end()
      }, 20)
    })
    const prober = bot.prober({ atOnce: 2 })
    const probes = [probeSchema.parse({ url: `http://127.0.0.1:${bot.port}/`, status: 200 })]
    const units = Array.from({ length: 8 }, (_, index) => ({ model: 'shop', bot: `pod-${index}` }))
    const results = await Promise.all(units.map((unit) => prober.askProbe(unit, NEW, probes, never)))
    expect(results).to.deep.equal(units.map(() => 'passed'))
    expect(most).to.equal(2)
  })

  it('ends when it is told to, while it waits for an answer or between two tries', async () => {
    let asked = 0
    const bot = await serve((_request, response) => {
      asked++
      if (asked > 1) response.writeHead(500).end()
    })
    const probes = [probeSchema.parse({ url: `http://127.0.0.1:${bot.port}/`, status: 200 })]
    const prober = bot.prober({ pauseMilliseconds: 60_000 })
    for (const times of [1, 2]) {
      const stopping = new AbortController()
      const asking = prober.askProbe({ model: 'shop', bot: 'pod-1' }, NEW, probes, stopping.signal)
      await eventually('the bot was asked', () => asked === times)
      stopping.abort(new Error('The server stops'))
      expect(await asking).to.equal('unreachable')
      expect(asked).to.equal(times)
    }
  })
})

/** A bot's HTTP server on loopback, and a way to ask it. It ends with the current test. */
async function serve(listen: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = createServer((request, response) => {
    listen(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  afterThisTest(close)
  const { port } = server.address() as AddressInfo
  const reports: ProbeReport[] = []
  const prober = (options: Partial<HttpProberOptions> = {}): HttpProber =>
    new HttpProber({
      hosts: ['127.0.0.1'],
      pauseMilliseconds: 5,
      onReport: (report) => {
        reports.push(report)
      },
      ...options,
    })
  const askAll = (
    probes: readonly Partial<Question>[],
    options: Partial<HttpProberOptions> = {},
    bot = 'pod-1',
  ) => {
    const url = `http://127.0.0.1:${port}/model/parse`
    const read = probes.map((probe) =>
      probeSchema.parse({ url, ...('intent' in probe ? { text: 'hello' } : {}), ...probe }),
    )
    return prober(options).askProbe({ model: 'shop', bot }, NEW, read, never)
  }
  const ask = (probe: Partial<Question>, options: Partial<HttpProberOptions> = {}, bot = 'pod-1') =>
    askAll([probe], options, bot)
  return { port, close, reports, prober, ask, askAll }
}

interface Question {
  url: string
  intent: string
  confidence: number
  status: number
}

function answerIntent(response: ServerResponse, name: string | null, confidence: number): void {
  response.end(JSON.stringify({ text: 'hello', intent: { name, confidence }, entities: [] }))
}
