import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { AuditHead } from '../../protocol/audit.ts'
import { readAudit } from '../api/audit.ts'
import { describeAuditEntry } from './describe-audit-entry.ts'
import { exitCodesHelp } from './exit-code.ts'
import { lengthOfTime } from './option-values.ts'
import { print, printJson } from './print.ts'
import { verifyAudit } from './verify-audit.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Examples:
  slipway audit --since 24h
  slipway audit --since 2026-11-23T02:00:00Z --json > audit.jsonl
  slipway audit verify
  slipway audit verify audit.jsonl
`

const VERIFY_EXIT_CODES_HELP = exitCodesHelp({
  done: 'the audit is whole',
  disk: 'the file cannot be read, or the output cannot be written',
  unsound: 'entries were changed, taken out, or moved',
})

/** `slipway audit` and `slipway audit verify`. */
export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('show who changed what, and which changes were refused, the oldest first')
    .option('--since <time>', 'only from then on: a moment, or a length of time ago, such as 24h', since)
    .option('--json', 'print one JSON object per entry: an export that audit verify reads')
    .addHelpText('after', EXAMPLES + exitCodesHelp({}))
    .action((options: { since?: string; json?: true }) =>
      withServer(async (client) => {
        for await (const entry of readAudit(client, { since: options.since })) {
          if (options.json === true) printJson(entry)
          else print(describeAuditEntry(entry))
        }
      }),
    )
  audit
    .command('verify')
    .description('check that no entry of the audit was changed, taken out or moved')
    .argument('[FILE]', 'an export of slipway audit --json, instead of the server')
    .option('--head <sequence:hash>', 'an entry that was seen before must be there, as it was', head)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + VERIFY_EXIT_CODES_HELP)
    .action((file: string | undefined, options: { head?: AuditHead }, command: Command) =>
      // The command above has --json too, and takes it wherever it stands.
      verifyAudit(file, options.head, command.optsWithGlobals<{ json?: true }>().json === true),
    )
}

/** A moment, or one that is so long ago; in ISO 8601. */
function since(text: string): string {
  if (/^\d+[smhd]$/.test(text)) return new Date(Date.now() - lengthOfTime(text) * 1000).toISOString()
  const moment = Date.parse(text)
  if (Number.isNaN(moment))
    throw new InvalidArgumentError(
      'Expected a moment, such as 2026-11-23T02:00:00Z, or a length of time, such as 24h.',
    )
  return new Date(moment).toISOString()
}

function head(text: string): AuditHead {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (sequence === undefined || hash === undefined)
    throw new InvalidArgumentError(
      'Expected what audit verify printed before: a number, a colon, and the hash.',
    )
  return { sequence: Number(sequence), hash }
}
