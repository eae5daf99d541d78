import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { connections, exchange } from '../http/exchange.ts'
import { readShortBody } from '../http/read-short-body.ts'
import { PullFailure } from '../failure.ts'

/** An identity token of a job has some kilobytes. */
const LONGEST_ANSWER = 64 * 1024
/** The service is on the runner's own network. Milliseconds. */
const TIME_LIMIT = 10_000

const answerSchema = z.object({ value: z.string() })

/**
 * Gets the identity token of the job that this runs in: from GitHub Actions, from the variable SLIPWAY_ID_TOKEN, which a job
 * of GitLab declares under `id_tokens:`, or from the file that SLIPWAY_ID_TOKEN_FILE names, such as a projected volume of
 * Kubernetes.
 *
 * @param audience Whom it shall be for; GitHub alone is asked for one.
 * @throws PullFailure `configuration` where there is none here, `source` where GitHub does not give it.
 */
export async function identityToken(
  environment: NodeJS.ProcessEnv,
  audience: string,
  signal: AbortSignal,
): Promise<string> {
  const { SLIPWAY_ID_TOKEN: given = '', SLIPWAY_ID_TOKEN_FILE: file = '' } = environment
  if (given !== '') return given
  if (file !== '') return readToken(file)
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = '' } = environment
  if (url !== '' && token !== '') return askGitHub(url, token, audience, signal)
  throw new PullFailure('configuration', adviceFor(environment))
}

async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PullFailure('configuration', `SLIPWAY_ID_TOKEN_FILE cannot be read: ${reason}`, {
      again: false,
      cause,
    })
  })
  return text.trim()
}

async function askGitHub(url: string, token: string, audience: string, signal: AbortSignal): Promise<string> {
  if (!URL.canParse(url)) throw new PullFailure('configuration', 'ACTIONS_ID_TOKEN_REQUEST_URL is no address')
  const address = new URL(url)
  address.searchParams.set('audience', audience)
  const agent = connections(TIME_LIMIT)
  try {
    const reply = await exchange(agent, {
      method: 'GET',
      url: address,
      signal,
      headers: { accept: 'application/json', authorization: `Bearer ${token}`, 'user-agent': 'slipway' },
    })
    const body = await readShortBody(reply, LONGEST_ANSWER)
    const value = reply.status === 200 ? valueIn(body) : undefined
    if (value !== undefined) return value
    throw new PullFailure('source', `GitHub gave no identity token (${reply.status})`)
  } finally {
    await agent.destroy()
  }
}

function valueIn(body: Buffer | undefined): string | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(body?.toString() ?? '')).data?.value
  } catch {
    return undefined
  }
}

function adviceFor({ GITHUB_ACTIONS, GITLAB_CI }: NodeJS.ProcessEnv): string {
  if (GITHUB_ACTIONS !== undefined)
    return 'this job has no identity token: give it permissions: { id-token: write } in the workflow'
  if (GITLAB_CI !== undefined) {
    return 'this job has no identity token: declare id_tokens: { SLIPWAY_ID_TOKEN: { aud: <address of the server> } }'
  }
  return (
    '--oidc found no identity token: it takes that of GitHub Actions, SLIPWAY_ID_TOKEN (GitLab: id_tokens:), or the file that ' +
    'SLIPWAY_ID_TOKEN_FILE names'
  )
}
