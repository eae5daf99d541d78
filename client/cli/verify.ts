import { InvalidArgumentError, type Command } from 'commander'
import { readableSize } from '../../protocol/readable-size.ts'
import { releasesByDigest } from '../api/releases-by-digest.ts'
import { verify } from '../api/verification.ts'
import { EXIT, exitCodesHelp } from './exit-code.ts'
import { withServer } from './with-server.ts'
import { print, printJson } from './print.ts'

const EXAMPLES = `
The server does this by itself within 7 days. Exit code 4: some archives are damaged or missing; publishing the same
bytes again repairs them.

Examples:
  slipway verify
  slipway verify --slice 1/7     a seventh of all archives
`

const EXIT_CODES_HELP = exitCodesHelp({
  done: 'done: all archives are sound',
  unsound: 'some archives are damaged or missing',
  conflict: 'another verification is under way',
})

/** `slipway verify`. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('check all stored archives, or a part of them, against their SHA-256')
    .option('--slice <part/of>', 'one of equal parts', slice)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action(async (options: { slice?: { part: number; of: number }; json?: true }) => {
      let unsound = 0
      await withServer(async (client, signal) => {
        const { run, damaged } = await verify(client, options.slice, signal)
        const findings = run?.findings ?? []
        unsound = findings.length
        if (options.json === true) {
          printJson({ run, damaged })
          return
        }
        print(`${run?.blobs ?? 0} archives hashed, ${readableSize(run?.bytes ?? 0)}`)
        const releases = await releasesByDigest(client, new Set(findings.map(({ digest }) => digest)))
        for (const { digest, outcome } of findings)
          print(`  ${outcome}  ${digest}  ${releases.get(digest)?.join(', ') ?? 'of no release'}`)
        if (findings.some(({ outcome }) => outcome !== 'unreadable'))
          print('Publish the same bytes again to repair what is damaged or missing.')
      })
      if (unsound > 0 && process.exitCode === EXIT.done) process.exitCode = EXIT.unsound
    })
}

function slice(text: string): { part: number; of: number } {
  const [, part, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []
  const parts = { part: Number(part), of: Number(of) }
  if (parts.part >= 1 && parts.part <= parts.of) return parts
  throw new InvalidArgumentError('Expected a part such as 1/7.')
}
