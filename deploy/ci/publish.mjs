// Publishes an archive from CI, promotes it, waits until bots run it, and says what changed. Needs Node 20 and nothing else: it is the
// GitHub Action (action.yml) and the GitLab job (deploy/ci/gitlab.yml). docs/ci.md describes its settings.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, createReadStream, openAsBlob } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ENDED = ['done', 'reverted', 'aborted', 'replaced']
const LOOK_MILLISECONDS = 2_000
const TRIES = 4
/** A token that was got by the identity of the job is good for 15 minutes. */
const RENEW_MILLISECONDS = 10 * 60_000

/** What is told without a stack, with the exit code that the slipway command has for it. */
class Failure extends Error {
  constructor(message, code) {
    super(message)
    this.code = code
  }
}

/** A token that the identity of this job was exchanged for, and when. */
let issued

const settings = readSettings(process.env)
try {
  process.exitCode = await main()
} catch (error) {
  const message = error instanceof Failure ? error.message : String(error?.stack ?? error)
  console.log(process.env.GITHUB_ACTIONS ? `::error title=Slipway::${oneLine(message)}` : `error: ${message}`)
  process.exitCode = error instanceof Failure ? error.code : 5
}

async function main() {
  const { model, tag, wait } = settings
  if (process.env.GITHUB_ACTIONS && settings.token) console.log(`::add-mask::${settings.token}`)
  const release = await publish()
  console.log(`Release ${release.number} of ${model}: ${release.filename}, ${release.digest}`)
  output({ release: release.number, digest: release.digest })
  if (!tag) return summarize(release, undefined, undefined)
  const before = await call('GET', `api/v1/models/${model}/tags/${tag}`, { absent: 404 })
  const moved = await call('PUT', `api/v1/models/${model}/tags/${tag}`, {
    json: { release: release.number, reason: settings.notes.slice(0, 1000) || undefined },
  })
  console.log(`${model}@${tag}: release ${before?.release ?? 'none'} → ${release.number}`)
  const rollout = wait && moved.rollout ? await ended(moved.rollout.id) : undefined
  const code = await summarize(release, before, rollout)
  output({ outcome: rollout?.state ?? 'promoted' })
  return code
}

/** Publishes; the same bytes again are the same release, so it may be tried again. */
async function publish() {
  const { archive, model, notes, bundle } = settings
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(archive)) digest.update(chunk)
  const query = new URLSearchParams({ filename: path.basename(archive), ...(notes && { notes }) })
  if (bundle) return call('POST', `models/${model}?${query}`, { body: await signedForm(archive, bundle) })
  return call('POST', `models/${model}?${query}`, {
    body: await openAsBlob(archive),
    headers: { 'Repr-Digest': `sha-256=:${digest.digest('base64')}:`, 'Content-Type': 'application/gzip' },
  })
}

/** The archive with its signature: a Sigstore bundle. */
async function signedForm(archive, bundle) {
  const form = new FormData()
  form.set('bundle', await openAsBlob(bundle), 'bundle.json')
  form.set('model', await openAsBlob(archive), path.basename(archive))
  return form
}

/** The token of the settings, or one that the identity of this job is exchanged for, anew where a rollout takes long. */
async function token() {
  if (settings.token || !settings.oidc) return settings.token
  if (issued === undefined || Date.now() - issued.at > RENEW_MILLISECONDS) {
    const at = Date.now()
    const answer = await fetch(new URL('api/v1/oidc/token', settings.url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: await identity() }),
    }).catch((error) => error)
    if (answer instanceof Error) throw new Failure(`${settings.url.origin}: ${answer.message}`, 5)
    if (!answer.ok) throw new Failure(await problemIn(answer), answer.status >= 500 ? 5 : 8)
    issued = { at, token: (await answer.json()).token }
    if (process.env.GITHUB_ACTIONS) console.log(`::add-mask::${issued.token}`)
  }
  return issued.token
}

/** What says who this job is: GitHub is asked, GitLab has put it into SLIPWAY_ID_TOKEN. */
async function identity() {
  const {
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
    SLIPWAY_ID_TOKEN: given,
  } = process.env
  if (given) return given
  if (!url || !secret) {
    throw new Failure(
      'this job has no identity token: give it permissions: { id-token: write }, or declare id_tokens: SLIPWAY_ID_TOKEN',
      2,
    )
  }
  const address = new URL(url)
  address.searchParams.set('audience', settings.oidc === 'true' ? settings.url.origin : settings.oidc)
  const answer = await fetch(address, {
    headers: { Authorization: `Bearer ${secret}` },
    redirect: 'error',
  }).catch((error) => error)
  const { value } = answer.ok ? await answer.json().catch(() => ({})) : {}
  if (typeof value === 'string') return value
  throw new Failure(`GitHub gave no identity token (${answer.status ?? answer.message})`, 5)
}

/** Waits until the rollout has ended, or the time is up. */
async function ended(id) {
  const end = Date.now() + settings.wait * 1000
  for (let told = ''; ; await sleep(LOOK_MILLISECONDS)) {
    const rollout = await call('GET', `api/v1/models/${settings.model}/rollouts/${id}`)
    const { state, step, steps, counts, reason } = rollout
    const text = `rollout ${id}: ${state}, step ${step + 1} of ${steps.length}, ${counts.updated} of ${counts.bots} bots run it${reason ? ` (${reason})` : ''}`
    if (text !== told) console.log(text)
    told = text
    if (ENDED.includes(state) || state === 'paused') return rollout
    if (Date.now() > end) throw new Failure(`the rollout took longer than ${settings.wait} s; it goes on`, 7)
  }
}

/** Asks the server, again where that may help. */
async function call(method, address, { json, body, headers = {}, absent } = {}) {
  for (let tries = 1; ; tries += 1) {
    const bearer = await token()
    const answer = await fetch(new URL(address, settings.url), {
      method,
      headers: {
        ...(bearer && { Authorization: `Bearer ${bearer}` }),
        ...(json && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: json ? JSON.stringify(json) : body,
    }).catch((error) => error)
    if (answer instanceof Error || answer.status >= 500) {
      const why =
        answer instanceof Error ? (answer.cause?.message ?? answer.message) : await problemIn(answer)
      if (tries === TRIES) throw new Failure(`${settings.url.origin}: ${why}`, 5)
      console.log(`${why}; trying again`)
      await sleep(1000 * 2 ** tries)
    } else if (answer.status === absent) return undefined
    else if (answer.ok) return answer.json()
    else throw new Failure(await problemIn(answer), { 404: 9, 409: 10, 412: 10 }[answer.status] ?? 8)
  }
}

async function problemIn(answer) {
  const problem = await answer.json().catch(() => ({}))
  return `${problem.title ?? `answered ${answer.status}`}${problem.detail ? `: ${problem.detail}` : ''} (${problem.code ?? answer.status})`
}

/** Writes what happened and what changed as Markdown. */
async function summarize(release, before, rollout) {
  const { model, tag, summary, notes } = settings
  const old =
    before && (await call('GET', `api/v1/models/${model}/releases/${before.release}`, { absent: 404 }))
  // Servers from before there were comparisons do not have this address.
  const diff =
    old &&
    (await call('GET', `api/v1/models/${model}/releases/${old.number}/diff/${release.number}`, {
      absent: 404,
    }))
  const rows = [
    [
      'Archive',
      code(`${release.filename}`) +
        `, ${megabytes(release.size)}${old ? ` (before: ${megabytes(old.size)})` : ''}`,
    ],
    ['Digest', code(release.digest)],
    ['Rasa', code(release.archive.rasaVersion ?? 'unknown')],
    ...(tag ? [[code(tag), `release ${before?.release ?? 'none'} → ${release.number}`]] : []),
    ...(rollout
      ? [['Rollout', `${rollout.state}${rollout.reason ? `: ${escape(rollout.reason)}` : ''}`]]
      : []),
    ...(diff ? changes(diff) : []),
  ]
  const lines = [
    `### Release ${release.number} of ${escape(model)}`,
    ...(notes ? ['', escape(notes)] : []),
    ...['', '| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`), ''],
  ]
  if (summary) appendFileSync(summary, `${lines.join('\n')}\n`)
  else console.log(lines.join('\n'))
  return rollout === undefined || (rollout.state === 'done' && !rollout.reason) ? 0 : 1
}

/** What differs from the release before, as the server compares them. */
function changes({ isSame, values, lists, warnings }) {
  if (isSame) return [['Changes', 'none: the same bytes']]
  const { rasaVersion, language } = values
  return [
    ...Object.entries({ rasaVersion, language }).flatMap(([name, value]) =>
      value ? [[name, `${code(value.from ?? 'none')} → ${code(value.to ?? 'none')}`]] : [],
    ),
    ...Object.entries(lists).flatMap(([list, { added, removed, changed, isReordered }]) => {
      const named = (sign, names) => (names ?? []).map((name) => `${sign} ${code(name)}`)
      const all = [...named('+', added), ...named('−', removed), ...named('~', changed)]
      const more = all.length > 20 ? ` and ${all.length - 20} more` : ''
      const order = isReordered ? ['in another order'] : []
      return all.length + order.length === 0
        ? []
        : [[list, [...all.slice(0, 20), ...order].join(', ') + more]]
    }),
    ...warnings.added.map(({ message }) => ['Warning', escape(message)]),
  ]
}

function readSettings(env) {
  const read = (name) => (env[`INPUT_${name}`] || env[`SLIPWAY_${name}`] || '').trim()
  const required = (name) => {
    const value = read(name)
    if (value) return value
    console.log(`error: ${name.toLowerCase()} is not set (SLIPWAY_${name}, or the action's input)`)
    process.exit(2)
  }
  const wait = read('WAIT')
  const url = required('URL')
  return {
    url: new URL(url.endsWith('/') ? url : `${url}/`),
    token: read('TOKEN'),
    oidc: read('OIDC'),
    bundle: read('BUNDLE'),
    archive: required('ARCHIVE'),
    model: encodeURIComponent(read('MODEL') || 'default'),
    tag: encodeURIComponent(read('TAG')),
    notes: read('NOTES') || notesOfCommit(),
    wait: wait === 'true' ? 3600 : Number(wait) || 0,
    summary: env.SLIPWAY_SUMMARY || env.GITHUB_STEP_SUMMARY,
  }
}

/** The subject of the commit and who wrote it; nothing where this is no checkout. */
function notesOfCommit() {
  try {
    const format = ['log', '-1', '--pretty=%s (%h, %an)']
    return execFileSync('git', format, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

function output(values) {
  const file = process.env.GITHUB_OUTPUT
  if (file) for (const [name, value] of Object.entries(values)) appendFileSync(file, `${name}=${value}\n`)
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function code(text) {
  return `\`${String(text).replaceAll(/[`|\n]/g, ' ')}\``
}

function escape(text) {
  return oneLine(text).replaceAll(/[\\`*_{}[\]<>#|]/g, '\\$&')
}

function oneLine(text) {
  return String(text).replaceAll(/\s+/g, ' ')
}
