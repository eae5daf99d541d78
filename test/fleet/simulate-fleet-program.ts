import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { simulationPage, simulationSection } from './simulation-page.ts'
import { MINUTE, START } from './facts.ts'
import { simulate } from './simulator/simulation.ts'
import { subjectOf } from './simulated-subject.ts'

const usage = `scripts/simulate-fleet [--server rules|whole] [--servers N] [--histories N] [--seed N] [--write]

Plays histories of a simulated fleet, and prints what came of them. CONTRIBUTING.md tells more.

  --server WHICH  rules (the default): the rules alone, in memory; whole: the server that ships, with its HTTP and its
                  catalog, which takes fifty times as long
  --servers N     with --server whole: 2 or 3 of them over one Postgres, any of which answers a poll (1); takes some thousand times as long
  --histories N   histories of good releases under faults (1000); bad releases come to 15 % more
  --seed N        draws other histories (20261126)
  --write         writes the result into docs/fleet-simulation.md, and keeps its other sections

Ctrl-C ends it early: what was played until then is counted. Pressed again, it ends at once.
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '20261126' },
    server: { type: 'string', default: 'rules' },
    servers: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
})
if (values.help === true) {
  process.stdout.write(usage)
  process.exit(0)
}
const [healthy, seed, servers] = [Number(values.histories), Number(values.seed), Number(values.servers)]
if (
  !Number.isSafeInteger(healthy) ||
  healthy < 1 ||
  !Number.isSafeInteger(seed) ||
  !['rules', 'whole'].includes(values.server) ||
  !(values.server === 'whole' ? [1, 2, 3] : [1]).includes(servers)
) {
  process.stderr.write(usage)
  process.exit(2)
}

const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // Whoever asks again does not wait for what is being played.
    if (interrupted.signal.aborted) process.exit(130)
    interrupted.abort()
  })
}
// Timers of a server keep no program alive, as its listener does that: it would end in the middle of a rest between two saves.
const alive = setInterval(() => undefined, 60_000)
const subject = await subjectOf(values.server === 'rules' ? 0 : servers, START - MINUTE)
try {
  const begun = performance.now()
  const result = await simulate({
    healthy,
    seed,
    signal: interrupted.signal,
    makeServer: subject.makeServer,
    isGroup: servers > 1,
    atOnce: subject.atOnce,
    onProgress: ({ histories, violated }) => {
      if (histories % subject.reportEvery !== 0) return
      const minutes = ((performance.now() - begun) / 60_000).toFixed(1)
      process.stderr.write(`${histories} histories in ${minutes} min, ${violated} with a broken promise\n`)
    },
  })
  const played = { ...result, title: subject.title, seed, date: new Date().toISOString().slice(0, 10) }
  process.stdout.write(`${simulationSection(played)}\n`)
  if (values.write) {
    const page = path.resolve(import.meta.dirname, '../../docs/fleet-simulation.md')
    await writeFile(page, simulationPage(played, await readFile(page, 'utf8').catch(() => '')))
    process.stdout.write(`\nWritten to ${page}\n`)
  }
  process.exitCode = result.violated > 0 ? 1 : 0
} finally {
  await subject.close()
  clearInterval(alive)
}
