import { isIP } from 'node:net'
import { z } from 'zod'

const LABEL = /^(?:\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/

/** `*.bots.svc,gateway.example.com,10.0.0.7`: hosts, in lower case, where `*` stands for one label. */
export const hostPatterns = z.string().transform((text, context): readonly string[] => {
  const patterns = text.split(',').map((part) => part.trim().toLowerCase())
  const wrong = patterns.find((pattern) => !isHostPattern(pattern))
  if (wrong === undefined) return patterns
  const expected = 'expected host names with commas between, such as *.bots.svc,gateway.example.com'
  context.addIssue(`${JSON.stringify(wrong)} is no host: ${expected}, where * stands for one label; no ports`)
  return z.NEVER
})

function isHostPattern(pattern: string): boolean {
  return (
    isIP(pattern.replace(/^\[(.*)\]$/, '$1')) !== 0 || pattern.split('.').every((label) => LABEL.test(label))
  )
}
