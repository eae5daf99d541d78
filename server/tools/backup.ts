import { runTool } from './run-tool.ts'
import { takeBackup } from './take-backup.ts'

const HELP = `Usage: slipway backup DIR [--copy] [--verify-all] [--json]

Backs up the data directory (DATA_DIR) into DIR, while the server runs or not. What an earlier backup brought to DIR is
used again, and stays whole until the new one is.

  --copy        copy archives; without it they are hard links where DIR is on the same volume
  --verify-all  hash also what is in DIR already
  --json        print one JSON object

Exit codes: 0 done; 2 wrong usage; 3 the disk, or another backup runs; 4 done, but some archives were damaged or
missing in the data directory already; 1 anything else.
`

await runTool({
  help: HELP,
  options: { copy: { type: 'boolean' }, 'verify-all': { type: 'boolean' } },
  async run({ dataDir, folder, flags }) {
    const report = await takeBackup({
      ...{ dataDir, folder, copy: flags.has('copy'), verifyAll: flags.has('verify-all'), now: Date.now() },
    })
    const lost = report.lost.map((digest) => `  lost already: ${digest}\n`).join('')
    const text = `${folder}: ${report.blobs} archives (${report.added} new), ${report.bytes} bytes, as of ${report.takenAt}\n`
    return { json: { folder, ...report }, text: text + lost, exit: report.lost.length > 0 ? 4 : 0 }
  },
})
