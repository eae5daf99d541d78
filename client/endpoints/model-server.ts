import { nearestName } from '../../protocol/nearest-name.ts'
import { credentialsIn } from '../http/credentials-in.ts'
import type { Diagnostic, Located, YamlValue } from './located.ts'
import { LONGEST_SECONDS, readPullInterval } from './pull-interval.ts'

/** A model server as Rasa would ask it. */
export interface ModelServer {
  /** With `params` and the token in its query, and without credentials. */
  url: URL
  headers: Record<string, string>
  /** Seconds between pulls; null: once. */
  interval: number | null
}

type Mapping = Map<string, Located>

const KNOWN = ['url', 'wait_time_between_pulls', 'token', 'token_name', 'params', 'headers', 'basic_auth']
/** Rasa takes these too, and its pull does not look at them. */
const WITHOUT_EFFECT = ['cafile', 'type', 'store_type']
/** Rasa's own (Rasa 3.6 core/agent.py). */
const DEFAULT_SECONDS = 100

/** Reads the `models:` block; what is wrong goes to `diagnostics`. */
export function modelServerOf(
  block: Mapping,
  line: number,
  diagnostics: Diagnostic[],
): ModelServer | undefined {
  const reader = new BlockFields(block, line, diagnostics)
  reader.checkNames()
  const url = reader.url()
  const headers = reader.headers()
  const query = [...reader.params(), ...reader.token()]
  const interval = reader.interval()
  if (url === undefined) return undefined
  if (headers['authorization'] !== undefined && (block.has('basic_auth') || url.username !== '')) {
    reader.error(
      'headers',
      'basic_auth and an Authorization header exclude each other: Rasa then sends nothing at all',
    )
  }
  const basic = reader.basicAuth()
  if (basic !== undefined) headers['authorization'] ??= basic
  for (const [name, value] of query) url.searchParams.append(name, value)
  return { url, headers, interval }
}

class BlockFields {
  readonly #block: Mapping
  readonly #line: number
  readonly #diagnostics: Diagnostic[]

  constructor(block: Mapping, line: number, diagnostics: Diagnostic[]) {
    this.#block = block
    this.#line = line
    this.#diagnostics = diagnostics
  }

  error(key: string, message: string, line = this.#block.get(key)?.line ?? this.#line): void {
    this.#diagnostics.push({ severity: 'error', line, message })
  }

  warn(key: string, message: string): void {
    this.#diagnostics.push({ severity: 'warning', line: this.#block.get(key)?.line ?? this.#line, message })
  }

  checkNames(): void {
    for (const name of this.#block.keys()) {
      if (KNOWN.includes(name)) continue
      if (WITHOUT_EFFECT.includes(name)) {
        if (name === 'cafile')
          this.warn(name, 'cafile has no effect when Rasa pulls a model; use NODE_EXTRA_CA_CERTS here')
        continue
      }
      const near = nearestName(name, KNOWN)
      const advice = near === undefined ? `it knows ${KNOWN.join(', ')}` : `did you mean ${near}?`
      this.warn(name, `Rasa ignores "${name}" without a word; ${advice}`)
    }
  }

  url(): URL | undefined {
    const value = this.#block.get('url')?.value
    if (typeof value !== 'string') {
      this.error('url', '"url:" is missing: the address of the model')
      return undefined
    }
    if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) {
      const url = new URL(value)
      if (credentialsIn(url) !== undefined) return url
      this.error('url', 'the user name or password in it is not percent-encoded correctly: write % as %25')
      return undefined
    }
    // A variable that could not be expanded was reported where it stands.
    if (!value.includes('${')) this.error('url', `"${value}" is no http:// or https:// address`)
    return undefined
  }

  interval(): number | null {
    const found = this.#block.get('wait_time_between_pulls')
    if (found === undefined) return DEFAULT_SECONDS
    const interval = readPullInterval(found)
    if (interval === undefined) {
      const none = found.value === 'None' ? "; Python's None is a word in YAML, write null" : ''
      this.error(
        'wait_time_between_pulls',
        `wait_time_between_pulls: expected whole seconds up to ${LONGEST_SECONDS}, or null to pull once${none}`,
      )
      return null
    }
    if (interval.warning !== undefined) this.warn('wait_time_between_pulls', interval.warning)
    return interval.seconds
  }

  token(): [string, string][] {
    const token = this.#block.get('token')?.value ?? ''
    // What Python calls false is not sent (Rasa 3.6 utils/endpoints.py, combine_parameters).
    if (token === '' || token === 0 || token === false) return []
    const name = this.#block.get('token_name')?.value ?? 'token'
    if (typeof name !== 'string')
      this.error('token_name', 'token_name: expected the name of a query parameter')
    const text = parameterText(token)
    if (text === undefined || typeof name !== 'string') {
      this.error('token', 'token: expected a text')
      return []
    }
    return [[name, text]]
  }

  params(): [string, string][] {
    const pairs: [string, string][] = []
    for (const [name, { value, line }] of this.#mapping('params')) {
      for (const each of Array.isArray(value) ? value : [{ value, line }]) {
        const text = parameterText(each.value)
        if (text === undefined)
          this.error('params', `"${name}": Rasa can send texts and numbers only, put it in quotes`, each.line)
        else pairs.push([name, text])
      }
    }
    return pairs
  }

  headers(): Record<string, string> {
    const headers: Record<string, string> = {}
    for (const [name, { value, line }] of this.#mapping('headers')) {
      if (name.toLowerCase() === 'if-none-match') {
        this.warn('headers', `"${name}" is overwritten with the entity tag of what was installed`)
      } else if (typeof value !== 'string')
        this.error('headers', `"${name}": Rasa can send texts only, put it in quotes`, line)
      else if (/[^\t\x20-\x7e\x80-\xff]/.test(value) || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
        this.error('headers', `"${name}" holds what cannot be in a header, such as a line break`, line)
      } else headers[name.toLowerCase()] = value
    }
    return headers
  }

  basicAuth(): string | undefined {
    const pair = this.#mapping('basic_auth')
    if (pair.size === 0) return undefined
    const [username, password] = ['username', 'password'].map((name) =>
      parameterText(pair.get(name)?.value ?? null),
    )
    if (username === undefined || password === undefined) {
      this.error('basic_auth', 'basic_auth: expected username and password below it')
      return undefined
    }
    return `Basic ${Buffer.from(`${username}:${password}`, 'latin1').toString('base64')}`
  }

  #mapping(key: string): Mapping {
    const value = this.#block.get(key)?.value ?? null
    if (value instanceof Map) return value
    // `params:` with nothing below is none.
    if (value !== null && value !== '') this.error(key, `expected names and values below "${key}:"`)
    return new Map()
  }
}

/** What aiohttp can put into a query; not true, false or nothing. */
function parameterText(value: YamlValue): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value.toString() : undefined
}
