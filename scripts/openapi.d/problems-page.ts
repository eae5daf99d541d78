import { PROBLEM_ADVICE } from '../../protocol/problem-advice.ts'
import { PROBLEMS, type ProblemCode } from '../../protocol/problem-table.ts'

/** docs/problems.md: every code with its status, and what to do. */
export function problemsPage(): string {
  const rows = (Object.keys(PROBLEMS) as ProblemCode[])
    .toSorted((one, other) => PROBLEMS[one].status - PROBLEMS[other].status)
    .map(
      (code) =>
        `| ${PROBLEMS[code].status} | \`${code}\` | ${PROBLEMS[code].title} | ${PROBLEM_ADVICE[code]} |`,
    )
  return `# Problems

Every refusal and failure is answered as a problem (RFC 9457, \`application/problem+json\`) with one of these codes in
\`code\`. Codes are never renamed, so scripts can rely on them; \`detail\` says what happened in this very case. Made from
\`protocol/problem-table.ts\` by \`scripts/openapi\`.

| Status | Code | What it means | What to do |
|---|---|---|---|
${rows.join('\n')}
`
}
