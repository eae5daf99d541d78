import type { Cell } from './matrix-cell.ts'

/** What the table stands between in docs/proxies.md. */
const BEGIN = '<!-- written by scripts/proxies -->'
const END = '<!-- /written by scripts/proxies -->'

/** The guide with the table of all cells in place of the one before. */
export function withMatrix(
  guide: string,
  cells: readonly Cell[],
  versions: readonly string[],
  date: string,
): string {
  const start = guide.indexOf(BEGIN)
  const end = guide.indexOf(END)
  if (start === -1 || end === -1) throw new Error(`docs/proxies.md lacks ${BEGIN} or ${END}`)
  const rows = cells.map(
    ({ proxy, variant, set, findings, doctorSays, botFailed }) =>
      `| ${proxy}, ${variant} | ${set} | ${[says(doctorSays), ...findings.map(link)].join(', ')} | ${bot(botFailed)} |`,
  )
  const table = `${BEGIN}

Run on ${date}: ${versions.join(', ')}.

| proxy | set | \`slipway doctor\` | a bot |
|---|---|---|---|
${rows.join('\n')}

`
  return guide.slice(0, start) + table + guide.slice(end)
}

function says(works: boolean): string {
  return works ? 'works' : '**fails**'
}

function link({ code, level }: Cell['findings'][number]): string {
  const shown = `[${code}](doctor.md#${code})`
  return level === 'error' ? `**${shown}**` : shown
}

function bot(failed: string | undefined): string {
  return failed === undefined ? 'works' : `**fails**: ${failed}`
}
