import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { AuditChainCheck, type ChainFault } from '../../protocol/audit-chain.ts'
import { auditEntrySchema, type AuditEntry, type AuditHead } from '../../protocol/audit.ts'
import { jsonLine } from '../../protocol/shown-text.ts'
import { readAudit, readAuditHead } from '../api/audit.ts'
import { EXIT } from './exit-code.ts'
import { print, printJson } from './print.ts'
import { withServer } from './with-server.ts'

/** Checks the chain of a server, or of an export, and says what it found; the exit code is set. */
export async function verifyAudit(
  file: string | undefined,
  expected: AuditHead | undefined,
  json: boolean,
): Promise<void> {
  const check = new AuditChainCheck(expected === undefined ? [] : [expected])
  if (file !== undefined) {
    process.exitCode = report(check, await checkFile(file, check), json)
    return
  }
  await withServer(async (client) => {
    // First, since others go on adding entries.
    const head = await readAuditHead(client)
    let fault: ChainFault | undefined
    for await (const entry of readAudit(client)) {
      if (entry.sequence > head.sequence) break
      fault = check.take(entry)
      if (fault !== undefined) break
    }
    return report(check, fault ?? check.end(head), json)
  })
}

async function checkFile(file: string, check: AuditChainCheck): Promise<ChainFault | undefined> {
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line++
    const entry = readEntry(text)
    if (entry === undefined)
      return {
        sequence: check.head.sequence,
        message: `line ${line} is no entry as slipway audit --json writes it`,
      }
    const fault = check.take(entry)
    if (fault !== undefined) return fault
  }
  return check.end()
}

/** Not only what a line means: another spelling of the same was written by somebody else. */
function readEntry(text: string): AuditEntry | undefined {
  try {
    const read = auditEntrySchema.safeParse(JSON.parse(text))
    return read.success && jsonLine(read.data) === text ? read.data : undefined
  } catch {
    return undefined
  }
}

function report({ count, head }: AuditChainCheck, fault: ChainFault | undefined, json: boolean): number {
  const isWhole = fault === undefined
  if (json) printJson({ whole: isWhole, entries: count, head, fault: fault ?? null })
  else if (isWhole) print(`the audit is whole: ${count} entries, the last is ${head.sequence}:${head.hash}`)
  else print(`entry ${fault.sequence}: ${fault.message}`)
  return isWhole ? EXIT.done : EXIT.unsound
}
