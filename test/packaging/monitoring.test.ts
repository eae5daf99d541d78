import { expect } from 'chai'
import { execFile, execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { anArchive } from '../support/archive-builder.ts'
import { aServer } from '../support/server-under-test.ts'
import { skipTest } from '../support/skip-test.ts'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')
const RULES = path.join(CHECKOUT, 'deploy/prometheus/slipway-alerts.yml')
const RULES_TESTS = ['slipway-alerts.test.yml', 'slipway-alerts-over-days.test.yml'].map((name) =>
  path.join(CHECKOUT, 'deploy/prometheus', name),
)
const DASHBOARD = path.join(CHECKOUT, 'deploy/grafana/slipway.json')
/** Gauges that prom-client calls so by itself. */
const OF_PROM_CLIENT = /^slipway_nodejs_active_(handles|requests|resources)_total non-counter/

const PROCESS = '0f8fad5bd9cb469fa16570867728950e'

/** What a server with a bot, a rollout that has ended, one that is paused, and a webhook shows to Prometheus. */
async function scrape(): Promise<string> {
  const { request, publish, url } = await aServer()
  await request.post('/api/v1/webhooks').send({ url: 'https://8.8.8.8/' })
  await publish(anArchive({ rasaVersion: '3.6.20' }))
  const poll = (etag: string) =>
    fetch(`${url}/models/shop@latest?instance=pod-1`, { headers: { 'If-None-Match': etag } })
  const offered = await poll(PROCESS)
  await offered.arrayBuffer()
  await poll(String(offered.headers.get('etag')))
  await request.put('/api/v1/models/shop/tags/production').send({ release: 1 })
  await publish(anArchive({ rasaVersion: '3.6.21' }))
  const { body: rollouts } = await request.get('/api/v1/models/shop/rollouts')
  for (const { id, endedAt } of rollouts.items) {
    if (endedAt === null) await request.post(`/api/v1/models/shop/rollouts/${id}/pause`).send({})
  }
  return (await request.get('/metrics')).text
}

/** The names of metrics that a text has, without what Prometheus adds to those of histograms. */
function metricsIn(text: string): string[] {
  const names = [...text.matchAll(/\bslipway_[a-z0-9_]+/g)].map(([name]) => name)
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))]
}

describe('what deploy/ has for Prometheus and Grafana', () => {
  it('names no metric that a running server does not have', async () => {
    const { groups } = parse(await readFile(RULES, 'utf8')) as {
      groups: { rules: { alert: string; expr: string }[] }[]
    }
    const expressions = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr))
    const dashboard = await readFile(DASHBOARD, 'utf8')
    const named = metricsIn([...expressions, dashboard].join('\n'))
    expect(named.length).to.be.greaterThan(20)
    expect(metricsIn(await scrape())).to.include.members(named)
  })

  it('has each alert in docs/monitoring.md, and a test for each', async () => {
    const { groups } = parse(await readFile(RULES, 'utf8')) as {
      groups: { rules: { alert: string; annotations: { runbook: string } }[] }[]
    }
    const guide = await readFile(path.join(CHECKOUT, 'docs/monitoring.md'), 'utf8')
    const tests = (await Promise.all(RULES_TESTS.map((file) => readFile(file, 'utf8')))).join('\n')
    const alerts = groups.flatMap(({ rules }) => rules)
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook).to.equal(`docs/monitoring.md#${alert.toLowerCase()}`)
      expect(guide).to.include(`### ${alert}\n`)
      expect(tests).to.include(alert)
    }
    const explained = [...guide.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
    expect(explained).to.deep.equal(alerts.map(({ alert }) => alert))
  })

  it('is a dashboard that Grafana can import: panels with their own ids, in rows, over one data source', async () => {
    const { panels } = JSON.parse(await readFile(DASHBOARD, 'utf8')) as {
      panels: { id: number; gridPos: { x: number; w: number }; targets?: { datasource: { uid: string } }[] }[]
    }
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length)
    for (const { gridPos, targets = [] } of panels) {
      expect(gridPos.x + gridPos.w).to.be.at.most(24)
      for (const { datasource } of targets) expect(datasource.uid).to.equal('${datasource}')
    }
  })

  describe('by promtool', () => {
    before(function () {
      try {
        execFileSync('promtool', ['--version'], { stdio: 'ignore' })
      } catch {
        skipTest(this, 'needs promtool: scripts/services')
      }
    })

    it('is sound, and raises what it should and nothing else', async () => {
      await promisify(execFile)('promtool', ['check', 'rules', '--lint-fatal', RULES])
      await promisify(execFile)('promtool', ['test', 'rules', ...RULES_TESTS])
    }).timeout(60_000)

    it('reads the metrics of a server, and finds nothing to say', async () => {
      const checking = promisify(execFile)('promtool', ['check', 'metrics'])
      checking.child.stdin?.end(await scrape())
      const { stdout, stderr } = await checking.catch(
        (error: unknown) => error as { stdout: string; stderr: string },
      )
      const found = (stdout + stderr).split('\n').filter((line) => line !== '' && !OF_PROM_CLIENT.test(line))
      expect(found).to.deep.equal([])
    })
  })
})
