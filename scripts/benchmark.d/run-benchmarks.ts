import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Measurement } from './measurement.ts'
import { busyPolls } from './measurements/busy-polls.ts'
import { catalogs } from './measurements/catalogs.ts'
import { downloads } from './measurements/downloads.ts'
import { fleet } from './measurements/fleet.ts'
import { herd } from './measurements/herd.ts'
import { manyReleases } from './measurements/many-releases.ts'
import { memory } from './measurements/memory.ts'
import { objectStorage } from './measurements/object-storage.ts'
import { polls } from './measurements/polls.ts'
import { pulling } from './measurements/pulling.ts'
import { publishingToBuckets } from './measurements/publishing-to-buckets.ts'
import { publishing } from './measurements/publishing.ts'
import { serverGroup } from './measurements/server-group.ts'
import { tracking } from './measurements/tracking.ts'
import { tls } from './measurements/tls.ts'
import { tokenTiming } from './measurements/token-timing.ts'
import { tokens } from './measurements/tokens.ts'
import { updatesDue } from './measurements/updates-due.ts'
import { upkeep } from './measurements/upkeep.ts'
import { performancePage, section, type Measured } from './performance-page.ts'
import { stopAllServers } from './start-server.ts'

const measurements: readonly Measurement[] = [
  polls,
  tracking,
  tokens,
  tokenTiming,
  fleet,
  updatesDue,
  tls,
  downloads,
  publishing,
  pulling,
  memory,
  busyPolls,
  herd,
  manyReleases,
  upkeep,
  objectStorage,
  publishingToBuckets,
  serverGroup,
  catalogs,
]

const usage = `scripts/benchmark [NAME…] [--quick] [--rounds N] [--seconds N] [--write]

Measures the server beside what it is compared with, and prints tables. Names, all where none is given:

${measurements.map(({ name, title }) => `  ${name.padEnd(15)} ${title}`).join('\n')}

  --quick      one short round of everything on small archives: shows that it works, not how fast
  --rounds N   how often each load is repeated (3)
  --seconds N  how long a load lasts (3); polls come in turns of a second
  --write      writes what was measured into docs/performance.md, and keeps its other sections

It needs Linux, curl and openssl, and nginx and wrk (on Debian: apt-get install --no-install-recommends nginx-light wrk);
without wrk the load comes from autocannon. A whole run takes some 40 minutes, 20 of them for polls: let nothing else run meanwhile.
`

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !measurements.some((known) => known.name === name))
if (unknown.length > 0) refuse(`There is no measurement named ${unknown.join(', ')}.`)
if (values.quick && values.write)
  refuse('What --quick measures is not worth writing down: leave out --write or --quick.')
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const effort = {
  quick: values.quick,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
  seconds: Number(values.seconds ?? (values.quick ? 1 : 3)),
  folder: '',
}
const failed: string[] = []
for (const measurement of measurements) {
  if (positionals.length > 0 && !positionals.includes(measurement.name)) continue
  const begun = performance.now()
  try {
    const measured = { measurement, report: await measure(measurement) }
    console.log(`${section(measured)}\n`)
    // Each at once: half an hour of measurements is not lost with the one that fails.
    if (values.write) await writeSection(measured)
  } catch (error) {
    failed.push(measurement.name)
    console.error(error)
  }
  console.error(`${measurement.name} took ${Math.round((performance.now() - begun) / 1000)} s`)
}
if (failed.length > 0) {
  console.error(`Not measured: ${failed.join(', ')}. Why stands above.`)
  process.exitCode = 1
}

async function writeSection(measured: Measured): Promise<void> {
  const page = path.resolve(import.meta.dirname, '../../docs/performance.md')
  const earlier = await readFile(page, 'utf8').catch(() => '')
  const titles = measurements.map(({ title }) => title)
  await writeFile(page, performancePage(measured, { earlier, titles, effort }))
}

function refuse(why: string): never {
  console.error(`${why}\n\n${usage}`)
  process.exit(2)
}

async function measure(measurement: Measurement): Promise<Measured['report']> {
  const folder = await mkdtemp(path.join(tmpdir(), `slipway-${measurement.name}-`))
  try {
    return await measurement.run({ ...effort, folder })
  } finally {
    await stopAllServers()
    await rm(folder, { recursive: true, force: true })
  }
}
