/* eslint max-lines: ["error", 400] -- it is copied into repositories as one file */
// Publishes an archive from CI, promotes it, waits until bots run it, and says what changed. Needs Node 20 and nothing else: it is the
// GitHub Action (action.yml) and the GitLab job (deploy/ci/gitlab.yml). docs/ci.md describes its settings.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, appendFileSync, createReadStream, openAsBlob } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ENDED = ['done', 'reverted', 'aborted', 'replaced']
const LOOK_MILLISECONDS = 2_000
/** The server keeps 10,000 characters; but they are sent in the address, which may be 16 kB long with the other headers. */
const MOST_NOTES_BYTES = 8_000
/** As long as the server takes a reason, in characters. */
const MOST_REASON = 1_000
/** Longer is not waited for where a server asks to wait, in seconds. */
const MOST_WAIT_TO_RETRY = 60
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

let settings
try {
  settings = readSettings(process.env)
  process.exitCode = await main()
} catch (error) {
  reportError(error instanceof Failure ? error.message : String(error?.stack ?? error))
  process.exitCode = error instanceof Failure ? error.code : 5
}

async function main() {
  const { model, tag, wait } = settings
  mask(settings.token)
  const release = await publish()
  say(`Release ${release.number} of ${model}: ${release.filename}, ${release.digest}`)
  output({ release: release.number, digest: release.digest })
  if (!tag) return summarize(release, undefined, undefined)
  const before = await call('GET', `api/v1/models/${model}/tags/${tag}`, { absent: 404 })
  const moved = await call('PUT', `api/v1/models/${model}/tags/${tag}`, {
    json: {
      release: release.number,
      reason: shorten(settings.notes, (text) => text.length <= MOST_REASON) || undefined,
    },
  })
  say(`${model}@${tag}: release ${before?.release ?? 'none'} → ${release.number}`)
  const rollout = wait && moved.rollout ? await lastSeen(moved.rollout.id) : undefined
  await summarize(release, before, rollout)
  output({ outcome: rollout?.state ?? 'promoted' })
  if (rollout === undefined) return 0
  if (!hasEnded(rollout)) throw new Failure(`the rollout took longer than ${wait} s; it goes on`, 7)
  if (rollout.state === 'done' && !rollout.reason) return 0
  const why = rollout.reason ? `: ${rollout.reason}` : ''
  throw new Failure(
    `the rollout of release ${release.number} to ${model}@${tag} is ${rollout.state}${why}`,
    1,
  )
}

/** Publishes; the same bytes again are the same release, so it may be tried again. */
async function publish() {
  const { archive, model, notes, bundle } = settings
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(archive)) digest.update(chunk)
  const kept = shorten(notes, (text) => encodeURIComponent(text).length <= MOST_NOTES_BYTES)
  const query = new URLSearchParams({ filename: path.basename(archive), ...(kept && { notes: kept }) })
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
    mask(issued.token)
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
async function lastSeen(id) {
  const end = Date.now() + settings.wait * 1000
  for (let told = ''; ; await sleep(LOOK_MILLISECONDS)) {
    const rollout = await call('GET', `api/v1/models/${settings.model}/rollouts/${id}`)
    const { state, step, steps, counts, reason } = rollout
    const text = `rollout ${id}: ${state}, step ${step + 1} of ${steps.length}, ${counts.updated} of ${counts.bots} bots run it${reason ? ` (${reason})` : ''}`
    if (text !== told) say(text)
    told = text
    if (hasEnded(rollout) || Date.now() > end) return rollout
  }
}

/** Whether nothing more happens by itself. */
function hasEnded({ state }) {
  return ENDED.includes(state) || state === 'paused'
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
      redirect: 'manual',
    }).catch((error) => error)
    if (answer instanceof Error || answer.status >= 500 || [408, 425, 429].includes(answer.status)) {
      const why =
        answer instanceof Error ? (answer.cause?.message ?? answer.message) : await problemIn(answer)
      const seconds = Math.max(2 ** tries, Number(answer.headers?.get('retry-after')) || 0)
      if (tries === TRIES || seconds > MOST_WAIT_TO_RETRY)
        throw new Failure(`${settings.url.origin}: ${why}`, 5)
      say(`${why}; trying again in ${seconds} s`)
      await sleep(1000 * seconds)
    } else if (answer.status === absent) return undefined
    else if (answer.status >= 300 && answer.status < 400) {
      // Followed, a POST would become a GET, and the token might go elsewhere.
      const to = answer.headers.get('location') ?? 'nowhere'
      throw new Failure(
        `${settings.url.origin} redirects to ${to}: set url to where Slipway answers itself`,
        5,
      )
    } else if (answer.ok) return jsonIn(answer)
    else throw new Failure(await problemIn(answer), { 404: 9, 409: 10, 412: 10 }[answer.status] ?? 8)
  }
}

/** A page of HTML may come from a proxy that wants people to sign in. */
async function jsonIn(answer) {
  const value = await answer.json().catch(() => undefined)
  if (typeof value === 'object' && value !== null) return value
  const { host, pathname } = new URL(answer.url)
  throw new Failure(`${host}${pathname} answered ${answer.status} without JSON: is this Slipway?`, 5)
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
  const wrong = (name, why) =>
    new Failure(`${name.toLowerCase()} ${why} (SLIPWAY_${name}, or the action's input)`, 2)
  const required = (name) => {
    const value = read(name)
    if (value) return value
    throw wrong(name, 'is not set')
  }
  // Before anything is published: a name that the server refuses later would leave a release behind.
  const name = (setting, value) => {
    if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(value)) return value
    throw wrong(
      setting,
      `is "${value}": names are a-z, 0-9, ".", "_" and "-", and begin with a letter or a digit`,
    )
  }
  const file = (setting, value) => {
    try {
      accessSync(value)
      return value
    } catch (error) {
      throw new Failure(`${setting} is one file, and ${oneLine(value)} cannot be read: ${error.code}`, 3)
    }
  }
  const address = required('URL')
  const url = URL.canParse(address) ? new URL(`${address.replace(/\/+$/, '')}/`) : undefined
  if (!['http:', 'https:'].includes(url?.protocol)) throw wrong('URL', 'is no address of a server')
  if (url.username || url.password) throw wrong('URL', 'has a user or a password in it: set token')
  const [wait, oidc, bundle, tag] = [read('WAIT'), read('OIDC'), read('BUNDLE'), read('TAG')]
  if (!/^(?:\d{1,7}|true|false)?$/.test(wait))
    throw wrong('WAIT', `is "${wait}", and not a number of seconds or true`)
  if (tag === 'latest') throw wrong('TAG', 'is latest, which moves by itself with each publish: leave it out')
  return {
    url,
    token: read('TOKEN'),
    oidc: oidc === 'false' ? '' : oidc,
    bundle: bundle && file('bundle', bundle),
    archive: file('archive', required('ARCHIVE')),
    model: name('MODEL', read('MODEL') || 'default'),
    tag: tag && name('TAG', tag),
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
  if (file)
    for (const [name, value] of Object.entries(values)) appendFileSync(file, `${name}=${oneLine(value)}\n`)
}

/** One line of the log. On GitHub a line that begins with :: or ##[ would be a command; texts of servers and bots are in the middle. */
function say(text) {
  console.log(oneLine(text))
}

function reportError(message) {
  const { GITHUB_ACTIONS: onGitHub } = process.env
  console.log(
    onGitHub ? `::error title=Slipway::${oneLine(message).replaceAll('%', '%25')}` : `error: ${message}`,
  )
}

/** Has GitHub replace a secret in the log by stars. */
function mask(secret) {
  if (process.env.GITHUB_ACTIONS && secret)
    console.log(`::add-mask::${oneLine(secret).replaceAll('%', '%25')}`)
}

/** As many whole characters of the beginning as fit. */
function shorten(text, fits) {
  const whole = text.toWellFormed()
  if (fits(whole)) return whole
  const characters = Array.from(whole)
  let [least, most] = [0, characters.length]
  const first = (count) => `${characters.slice(0, count).join('')}…`
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (fits(first(middle))) least = middle
    else most = middle - 1
  }
  return first(least)
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

/** Control characters would break lines, or hide text, in a log. */
function oneLine(text) {
  return String(text).replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
}
