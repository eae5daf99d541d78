import type { Setting } from '../../server/config/setting.ts'
import { SETTINGS } from '../../server/config/settings.ts'

/** docs/reference/settings.md: every variable of the server. */
export function settingsPage(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS).map(
    ([name, { default: standard, description, secret }]) =>
      `| \`${name}\` | ${cell(description)}${secret ? ' Never shown.' : ''} | ${cell(standard)} |`,
  )
  return `# Settings

The variables of the server's environment, as \`slipway serve --help\` lists them. Made from \`server/config/settings.ts\` by \`scripts/openapi\`. An empty value counts as not set; an unknown name that
begins with \`SLIPWAY_\` is an error at start.

| Variable | Meaning | Default |
|---|---|---|
${rows.join('\n')}

The command line has variables of its own: \`SLIPWAY_URL\`, \`SLIPWAY_TOKEN\` and \`SLIPWAY_TOKEN_FILE\` ([the command line](../cli.md)).
`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
