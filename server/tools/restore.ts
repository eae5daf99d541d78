import { restoreBackup } from './restore-backup.ts'
import { runTool } from './run-tool.ts'

const HELP = `Usage: slipway restore DIR [--replace] [--json]

Restores the backup in DIR into the data directory (DATA_DIR), whose server must be stopped. Every byte of the backup is
verified before anything is changed.

  --replace  take the place of the catalog that is there, which is set aside
  --json     print one JSON object

The numbers of releases go on well above those of the backup, so that none that was given out since comes twice.

Exit codes: 0 done; 2 wrong usage; 3 the disk, or the data directory is in use; 4 the backup is damaged or not whole;
1 anything else.
`

await runTool({
  help: HELP,
  options: { replace: { type: 'boolean' } },
  async run({ dataDir, folder, flags }) {
    const report = await restoreBackup({
      ...{ dataDir, folder, replace: flags.has('replace'), now: Date.now() },
    })
    const lines = [
      `${dataDir}: ${report.blobs} archives restored, as of ${report.takenAt}`,
      ...report.numbers.map(
        ({ model, from, to }) => `  ${model} goes on with release ${to} (it would have been ${from})`,
      ),
      ...report.lost.map((digest) => `  lost before the backup: ${digest}`),
      ...(report.setAside === null ? [] : [`  the catalog before is now ${report.setAside}`]),
    ]
    return { json: { dataDir, ...report }, text: `${lines.join('\n')}\n` }
  },
})
