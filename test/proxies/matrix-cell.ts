import { diagnoseServer } from '../../client/doctor/diagnose-server.ts'
import { wouldWork } from '../../client/doctor/present-finding.ts'
import { anArchive } from '../support/archive-builder.ts'
import { playBot } from '../support/proxies/play-bot.ts'
import type { Proxy } from '../support/proxies/proxy.ts'
import { startProxy } from '../support/proxies/start-proxy.ts'

/** What came of one proxy, set in one way. */
export interface Cell {
  proxy: string
  variant: string
  set: string
  /** The codes of what the doctor found, errors first. */
  findings: { code: string; level: 'warning' | 'error' }[]
  /** Whether the doctor says that a bot would work. */
  doctorSays: boolean
  /** What went wrong with the bot; undefined: nothing. */
  botFailed: string | undefined
}

const SMALL = { payloadBytes: 200_000 }
const LARGE = { payloadBytes: 32_000_000 }
/** The large archive then takes 25 s, longer than the time limits that proxies have by default. */
const BYTES_PER_SECOND = 1_300_000
/** As `slipway doctor` without options. */
const SLOW = 20_000

/** Runs the doctor, and then a bot, behind a proxy that is started for it. */
export async function runCell(proxy: Proxy, variant: string, server: URL): Promise<Cell> {
  const { set = '', publishes = false } = proxy.variants[variant] ?? {}
  const model = `${proxy.name}-${variant}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const publish = async (which: 'small' | 'large'): Promise<Buffer> => {
    const archive = anArchive(which === 'small' ? SMALL : LARGE)
    const answer = await fetch(new URL(`/models/${model}`, server), {
      method: 'POST',
      body: Uint8Array.from(archive),
    })
    if (!answer.ok) throw new Error(`publishing was answered ${answer.status}: ${await answer.text()}`)
    return archive
  }
  await publish('small')
  const running = await startProxy(proxy, variant, Number(server.port))
  try {
    const url = new URL(`/models/${model}`, running.url)
    const { findings } = await diagnoseServer({
      url,
      headers: {},
      trust: { ca: [] },
      slow: SLOW,
      upload: publishes ? { bytes: 16_000_000, headers: {} } : undefined,
      signal: AbortSignal.timeout(200_000),
    })
    const botFailed = await playBot({ url, publish, bytesPerSecond: BYTES_PER_SECOND })
    const found = findings.flatMap(({ code, level }) =>
      code === undefined || level === 'ok' ? [] : [{ code, level }],
    )
    found.sort((one, other) => one.level.localeCompare(other.level))
    return { proxy: proxy.name, variant, set, findings: found, doctorSays: wouldWork(findings), botFailed }
  } finally {
    await running.stop()
  }
}
