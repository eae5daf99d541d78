// A program of its own, to be killed, starved and lied to: opens the catalog that it is given and publishes
// releases, one line of output for each. Usage: publishing-program.ts FILE COUNT [NOTES_BYTES] [PROBE_MS]
// With PROBE_MS it waits, after a write that the disk failed, until the catalog takes writes again.
import { writeSync } from 'node:fs'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { DomainError } from '../../server/errors/errors.ts'
import { aRelease, CREATED, MOVED } from '../contracts/catalog-support.ts'

const [, , file = '', count = '0', notesBytes = '0', probeMs] = process.argv
const say = (line: string) => writeSync(1, `${line}\n`)

// What tries the disk again keeps no program alive by itself.
const alive = setInterval(() => undefined, 1_000)
let writable = Promise.withResolvers()
writable.resolve(undefined)
const catalog = await openSqliteCatalog(file, {
  ...(probeMs === undefined ? {} : { probe: { firstMs: Number(probeMs), longestMs: 100 } }),
  onWritable: (refusal) => {
    say(refusal === undefined ? 'writable' : 'unwritable')
    if (refusal === undefined) writable.resolve(undefined)
    else writable = Promise.withResolvers()
  },
})
say('open')
for (let index = 0; index < Number(count); index++) {
  try {
    const { number } = await catalog.write('shop', async (writer) => {
      await writer.ensureModel('shop', CREATED)
      const notes = 'x'.repeat(Number(notesBytes))
      const release = await writer.insertRelease({ ...aRelease('shop', String(index)), notes })
      await writer.moveTag('shop', 'latest', release.number, MOVED)
      return release
    })
    say(`published ${number}`)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    say(error.code)
    if (probeMs !== undefined) await writable.promise
  }
}
say(`readable ${(await catalog.highestRelease('shop'))?.number ?? 0}`)
clearInterval(alive)
