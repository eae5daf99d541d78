import { matchesHost } from '../outgoing/match-host.ts'
import { isNeverAsked } from '../outgoing/never-asked.ts'

const BOT = '{bot}'
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

// What resolvers read as an IPv4 address although it is one label: 2130706433, 0x7f000001.
const NUMERIC = /^(?:\d+|0x[0-9a-f]*)$/i

// This machine (RFC 6761 §6.3), and not the bot that calls itself so.
const LOCALHOST = /^localhost$/i

/**
 * Why a probe may not ask this address; undefined where it may.
 *
 * "`{bot}` in a host must be one DNS label before a fixed suffix, never an IP: names come from polls"
 * (docs/rollouts.md).
 *
 * @param patterns Hosts that may be asked. `*` stands for one label: `*.bots.svc`, or `*` for a bare name.
 */
export function probeHostRefusal(template: string, patterns: readonly string[]): string | undefined {
  const url = parse(template.replaceAll(BOT, 'bot'))
  const [, authority] = split(template)
  if (url === undefined || authority === undefined)
    return 'is no address that begins with http:// or https://'
  if (url.username !== '' || url.password !== '')
    return 'carries a name or password, which would stand in the open'
  if (authority.lastIndexOf(BOT) > 0) return 'has {bot} elsewhere in its host than as the first label'
  if (authority.startsWith(BOT) && !/^\{bot\}(?:[.:]|$)/.test(authority)) {
    return 'has {bot} as a part of a label: it must be the whole first label of the host'
  }
  if (isNeverAsked(url.hostname))
    return `asks ${url.hostname}, which is never asked, whatever SLIPWAY_PROBE_HOSTS allows: clouds serve credentials at such addresses`
  if (patterns.length === 0) return 'asks a host, and no host is allowed: set SLIPWAY_PROBE_HOSTS'
  if (patterns.some((pattern) => matchesHost(url.hostname, pattern))) return undefined
  return `asks ${url.hostname.replace(/^bot(?=\.|$)/, BOT)}, which SLIPWAY_PROBE_HOSTS does not allow`
}

/**
 * The address to ask of one bot.
 *
 * @returns undefined where the bot's name cannot stand in it: it is no DNS label, or could be read as an address.
 */
export function probeUrl(template: string, bot: string, patterns: readonly string[]): string | undefined {
  const [scheme = '', authority = '', rest = ''] = split(template)
  const isHost = LABEL.test(bot) && !NUMERIC.test(bot) && !LOCALHOST.test(bot)
  if (authority.includes(BOT) && !isHost) return undefined
  const address =
    scheme + authority.replace(BOT, bot.toLowerCase()) + rest.replaceAll(BOT, encodeURIComponent(bot))
  const host = parse(address)?.hostname
  return host !== undefined && patterns.some((pattern) => matchesHost(host, pattern)) ? address : undefined
}

function split(template: string): string[] {
  return (/^([a-z]+:\/\/)([^/?#]*)(.*)$/is.exec(template) ?? []).slice(1)
}

function parse(text: string): URL | undefined {
  const url = URL.parse(text)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}
