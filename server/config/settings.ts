import { z } from 'zod'
import { CLOUD_SETTINGS } from './cloud-settings.ts'
import { bytes, count, duration, oneOf, port, secret, setting, type Setting } from './setting.ts'
import { hostPatterns } from './host-patterns.ts'
import { proxyTrust } from './proxy-trust.ts'
import { publicUrl } from './public-url.ts'

/** JSON takes thirty times its size as objects in memory. */
const LARGEST_METADATA = 16 * 1024 * 1024

/** Every variable that the server reads, with its default: what `slipway serve --help` lists. */
export const SETTINGS = {
  HOST: setting(z.string().default('127.0.0.1'), '127.0.0.1', 'Address to listen on.'),
  PORT: setting(port.prefault('5080'), '5080', 'Port to listen on; 0 takes any free one.'),
  DATA_DIR: setting(z.string().default('./data'), './data', 'Folder of the catalog and the archives.'),
  MODELS_DIR: setting(
    z.string().optional(),
    './models; with DATABASE_URL: no inbox',
    'The inbox: archives put there are published.',
  ),
  LOG_LEVEL: setting(
    oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    'info',
    'Log level; debug logs every poll.',
  ),
  DATABASE_URL: {
    schema: z.string().optional(),
    default: 'not set: the catalog is SQLite in DATA_DIR',
    description: 'postgres://user:password@host/database keeps the catalog there (docs/scaling.md).',
    secret: true,
  },
  ...CLOUD_SETTINGS,
  SLIPWAY_PUBLISH_TOKEN: secret('Full access; required unless HOST is loopback.'),
  SLIPWAY_PULL_TOKEN: secret('Access to models only; bots send it as token.'),
  SLIPWAY_PUBLISH_TOKEN_FILE: setting(
    z.string().optional(),
    'not set',
    'A file that holds SLIPWAY_PUBLISH_TOKEN, read at start.',
  ),
  SLIPWAY_PULL_TOKEN_FILE: setting(
    z.string().optional(),
    'not set',
    'A file that holds SLIPWAY_PULL_TOKEN, read at start.',
  ),
  SLIPWAY_TRUSTED_ROOT: setting(
    z.string().optional(),
    'not set: models can require keys, but no identities',
    'File with trusted roots of Sigstore, as gh attestation trusted-root writes it: by whose certificates identities are proved.',
  ),
  SLIPWAY_ANONYMOUS: setting(
    oneOf(['pull']).optional(),
    'not set',
    'pull: anybody may pull without a token.',
  ),
  SLIPWAY_TLS_CERT: setting(
    z.string().optional(),
    'not set: plain HTTP',
    'PEM file with the certificate and its chain: the server speaks TLS (1.2 and later) itself.',
  ),
  SLIPWAY_TLS_KEY: setting(
    z.string().optional(),
    'not set: plain HTTP',
    'PEM file with the key of the certificate. Both files are read again when they change.',
  ),
  SLIPWAY_TRUST_PROXY: setting(
    proxyTrust.optional(),
    'not set: the address that connects is the client',
    'Proxies whose X-Forwarded-For is trusted: their number, or their addresses and networks.',
  ),
  SLIPWAY_TRACK: setting(
    oneOf(['on', 'off']).default('on'),
    'on',
    'off: Slipway does not track which bot runs which release; rollouts in steps see no bots then.',
  ),
  SLIPWAY_RASA_X: setting(
    oneOf(['on', 'off']).default('off'),
    'off',
    'on: the addresses of Rasa X for models are answered too, as those of the model "default".',
  ),
  SLIPWAY_FLEET_DAYS: setting(
    duration(36_500, 'days').prefault('30'),
    '30',
    'Days for which silent bots, the history of bots, and finished rollouts are kept; at most 36500.',
  ),
  SLIPWAY_AUDIT_DAYS: setting(
    duration(36_500, 'days').prefault('365'),
    '365',
    'Days for which changes stay in the audit, at most a million of them; at most 36500.',
  ),
  SLIPWAY_MAX_PROCESSES: setting(
    count.prefault('100000'),
    '100000',
    'Limit of tracked processes; those that never loaded a release and are silent longest are dropped first.',
  ),
  SLIPWAY_PROBE_HOSTS: setting(
    hostPatterns.optional(),
    'not set: policies with probes are refused',
    'Hosts that the probes of a rollout may ask, separated by commas; * stands for one label: *.bots.svc,gateway.example.com.',
  ),
  SLIPWAY_WEBHOOK_HOSTS: setting(
    hostPatterns.optional(),
    'not set: webhooks reach https addresses on the public internet alone',
    'Hosts of your own network that webhooks may reach, also over http, separated by commas; * stands for one label.',
  ),
  SLIPWAY_PUBLIC_URL: setting(
    publicUrl.optional(),
    'not set: messages have no link',
    'Address at which people open this server: what links in messages of webhooks begin with.',
  ),
  SLIPWAY_MAX_CONNECTIONS: setting(
    count.prefault('10000'),
    '10000; fewer where the limit of open files is low',
    'Limit of open connections; above it, idle ones are closed.',
  ),
  SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: setting(
    count.optional(),
    'a quarter of all',
    'The same limit for each client address; trusted proxies may use all connections.',
  ),
  SLIPWAY_MAX_REQUESTS_PER_TOKEN: setting(
    count.prefault('100'),
    '100',
    'Requests that one token of the catalog may send in a second, pulls aside, and ten times as many at once; above it 429.',
  ),
  SLIPWAY_MAX_REQUESTS_PER_ADDRESS: setting(
    count.prefault('1000'),
    '1000',
    'Requests that one client address may send in a second, pulls and probes aside, and ten times as many at once; above it 429.',
  ),
  SLIPWAY_MAX_DOWNLOADS: setting(
    count.prefault('1250'),
    '1250; at most four fifths of the connections',
    'Limit of simultaneous downloads, four fifths of them to one address; above it 503 with Retry-After.',
  ),
  SLIPWAY_MAX_ARCHIVE_BYTES: setting(bytes.prefault('4GiB'), '4GiB', 'Largest archive that is accepted.'),
  SLIPWAY_MAX_UPLOADS: setting(
    count.prefault('32'),
    '32',
    'Limit of simultaneous uploads, four fifths of them to one address; above it 503 with Retry-After.',
  ),
  SLIPWAY_MAX_UNPACKED_BYTES: setting(bytes.prefault('20GiB'), '20GiB', 'Largest archive after unpacking.'),
  SLIPWAY_MAX_RATIO: setting(
    count.prefault('200'),
    '200',
    'Largest compression ratio, beyond the first 64 MiB unpacked.',
  ),
  SLIPWAY_MAX_MEMBERS: setting(
    count.prefault('100000'),
    '100000',
    'Limit of files and folders in an archive.',
  ),
  SLIPWAY_MAX_METADATA_BYTES: setting(
    bytes.refine((value) => value <= LARGEST_METADATA, 'expected 16MiB or less').prefault('1MiB'),
    '1MiB',
    'Largest metadata.json in an archive; 16MiB at most.',
  ),
  SLIPWAY_KEEP_RELEASES: setting(
    count.optional(),
    'not set: no automatic pruning',
    'Prune every model hourly: keep its newest n releases, and all that are in use.',
  ),
  SLIPWAY_KEEP_DAYS: setting(
    duration(36_500, 'days').optional(),
    'not set: no automatic pruning',
    'Prune releases older than n days hourly (at most 36500); those that SLIPWAY_KEEP_RELEASES keeps stay.',
  ),
  SLIPWAY_KEEP_HISTORY: setting(
    count.prefault('5'),
    '5',
    "The last n releases of each tag's history are never pruned.",
  ),
  SLIPWAY_GRACE_MINUTES: setting(
    duration(525_600, 'minutes').prefault('60'),
    '60',
    'Minutes until an archive is deleted after its last release was deleted; at most 525600 (a year).',
  ),
  SLIPWAY_SCRUB: setting(
    oneOf(['on', 'off']).default('on'),
    'on',
    'on: every stored archive is hashed again within 7 days, at low priority.',
  ),
  SLIPWAY_MIN_FREE_BYTES: setting(
    bytes.optional(),
    '1 % of the volume, at most 256MiB',
    'Disk space that uploads must leave free.',
  ),
} as const satisfies Record<string, Setting<unknown>>

/** The name of a variable of {@link SETTINGS}. */
export type SettingName = keyof typeof SETTINGS

/** What the variables say, once read. */
export type Settings = { [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> }

/** The variables as a table for `slipway serve --help`. */
export function describeSettings(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS)
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows
    .map(([name, { description, default: standard }]) => {
      return `  ${name.padEnd(width)}  ${description}\n  ${' '.repeat(width)}  Default: ${standard}\n`
    })
    .join('')
}
