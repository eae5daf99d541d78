import type { Config } from '../config/config.ts'

/** What a person sees when the server has started: where it is, where things lie, and how a bot gets there. */
export function banner(url: string, { dataDir, modelsDir, pullToken }: Config): string {
  const token = pullToken === undefined ? '' : '\n      token: ${SLIPWAY_PULL_TOKEN}'
  return `
  Slipway is ready at ${url}

  data    ${dataDir}
  inbox   ${modelsDir}   (put a trained .tar.gz here, or publish it:)
          curl --data-binary @model.tar.gz ${url}/models/default

  endpoints.yml of a bot:

    models:
      url: ${url}/models/default${token}
      wait_time_between_pulls: 10

`
}
