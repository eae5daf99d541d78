import { describeDatabase } from '../../catalog/postgres/postgres-settings.ts'
import type { Config } from '../../config/config.ts'

type Shown = Pick<Config, 'dataDir' | 'modelsDir' | 'publishToken' | 'pullToken'> &
  Partial<Pick<Config, 'database'>>

/**
 * What a person sees when the server has started: where it is, where things lie, and how a bot gets there.
 * @param url where the server listens
 * @param hostname the name of this machine, shown where the server listens on every address
 */
export function banner(
  url: string,
  { database, dataDir, modelsDir, publishToken, pullToken }: Shown,
  hostname: string,
): string {
  const authorization = publishToken === undefined ? '' : '-H "Authorization: Bearer $SLIPWAY_PUBLISH_TOKEN" '
  const reachable = withHostName(url, hostname)
  const token = pullToken === undefined ? '' : '\n      token: ${SLIPWAY_PULL_TOKEN}'
  const inbox =
    modelsDir === undefined
      ? '  publish a trained .tar.gz:'
      : `  inbox   ${modelsDir}   (put a trained .tar.gz here, or publish it:)`
  return `
  Slipway is ready at ${reachable}

  data    ${dataDir}${database === undefined ? '' : `\n  catalog ${describeDatabase(database)}`}
${inbox}
          curl --fail-with-body ${authorization}--data-binary @model.tar.gz ${reachable}/models/default

  endpoints.yml of a bot:

    models:
      url: ${reachable}/models/default${token}
      wait_time_between_pulls: 10
      params:
        instance: \${HOSTNAME}   # the bot's name; first: export HOSTNAME, or Rasa stops

`
}

/** Another machine cannot connect to the unspecified address (RFC 1122 section 3.2.1.3; RFC 4291 section 2.5.2). */
function withHostName(url: string, hostname: string): string {
  return url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:|$)/, `//${hostname}`)
}
