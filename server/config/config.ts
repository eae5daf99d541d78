import path from 'node:path'
import type { ArchiveLimits } from '../../archives/archive-limits.ts'
import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import type { ProxyTrust } from '../http/access/proxy-trust.ts'
import type { TlsFiles } from '../http/tls-files.ts'
import type { RetentionPolicy } from '../upkeep/retention.ts'
import type { PostgresSettings } from '../catalog/postgres/postgres-settings.ts'
import { readDatabaseUrl } from './database-config.ts'
import { readBackupConfig, type BackupConfig } from './backup-config.ts'
import { readStorageConfig, type StorageConfig } from './storage-config.ts'
import { accessMistakes, findMissingTokens, shortTokens } from './access-mistakes.ts'
import { SETTINGS, type Settings } from './settings.ts'
import { withTokenFiles } from './token-files.ts'
import { unknownNames } from './unknown-names.ts'

/** Everything that can be set about a server; made once, at start. */
export interface Config {
  host: string
  port: number
  /** Absolute. */
  dataDir: string
  /** Absolute; undefined: the server has no inbox. */
  modelsDir: string | undefined
  /** Where the catalog lies; undefined: in dataDir. */
  database: PostgresSettings | undefined
  storage: StorageConfig
  /** What the server backs up by itself; undefined: nothing. */
  backup: BackupConfig | undefined
  logLevel: Settings['LOG_LEVEL']
  pullToken: string | undefined
  publishToken: string | undefined
  /** Certificate and key, absolute; undefined: plain HTTP. */
  tls: TlsFiles | undefined
  /** Whether pulls need no token, wherever the server listens. */
  anonymousPulls: boolean
  /** What is wrong with the tokens of the settings unless the catalog has some; nothing on loopback. */
  missingTokens: readonly string[]
  /** File of the trusted roots that identities are proved by, absolute; undefined: none are. */
  trustedRootFile: string | undefined
  /** Which proxies say the truth about their clients; undefined: none, the peer is the client. */
  trustProxy: ProxyTrust | undefined
  /** Whether Rasa processes get entity tags with their name. */
  track: boolean
  /** Whether the addresses of Rasa X are answered. */
  rasaX: boolean
  /** How long what is known of bots is kept. */
  fleetDays: number
  /** How long changes stay in the audit. */
  auditDays: number
  /** Processes that are known at once. */
  maxProcesses: number
  /** Patterns of the hosts that probes may ask; none: no policy may have probes. */
  probeHosts: readonly string[]
  /** Patterns of the hosts beyond the public internet that webhooks may reach. */
  webhookHosts: readonly string[]
  /** Where people open this server, ending in a slash; undefined: nobody said. */
  publicUrl: string | undefined
  /** Connections that may be open at once. */
  maxConnections: number
  /** From one address; undefined: a share of all. */
  maxConnectionsPerAddress: number | undefined
  /** Requests that one token may send in a second, pulls aside. */
  maxRequestsPerToken: number
  maxRequestsPerAddress: number
  /** Archives that are sent at once. */
  maxDownloads: number
  maxArchiveBytes: number
  /** Uploads that may go on at once. */
  maxUploads: number
  archiveLimits: ArchiveLimits
  /** Room that uploads leave alone; undefined: a share of the volume. */
  minFreeBytes: number | undefined
  /** What is pruned by itself; undefined: nothing. */
  retention: RetentionPolicy | undefined
  /** How many releases of each tag's history are never pruned. */
  keepHistory: number
  /** How long a blob stays after its last release, in milliseconds. */
  graceMilliseconds: number
  /** Whether every stored archive is hashed again within 7 days. */
  scrub: boolean
  /** What the server starts with all the same, and should be changed. */
  warnings: readonly string[]
}

/** The environment is not what the server can start with; the message lists every mistake, and no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[], options?: ErrorOptions) {
    super(
      `The configuration has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${list(mistakes)}`,
      options,
    )
    this.mistakes = mistakes
  }
}

/**
 * Reads the server's configuration.
 *
 * @param env The environment; empty values count as not set.
 * @param folder What relative folders are relative to.
 * @throws ConfigError for all but missing tokens, since the catalog may have some: `missingTokens` has these.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, folder: string): Config {
  const mistakes = unknownNames(env)
  const settings = readSettings(withTokenFiles(env, folder, mistakes), mistakes)
  mistakes.push(...accessMistakes(settings))
  const missingTokens = findMissingTokens(settings)
  const dataDir = path.resolve(folder, settings.DATA_DIR)
  const storage = readStorageConfig(env, settings, dataDir, mistakes)
  const database =
    settings.DATABASE_URL === undefined ? undefined : readDatabaseUrl(settings.DATABASE_URL, mistakes)
  const backup = readBackupConfig(env, settings, { folder, dataDir }, mistakes)
  if (mistakes.length > 0) throw new ConfigError([...new Set([...mistakes, ...missingTokens])])
  return {
    host: settings.HOST,
    port: settings.PORT,
    dataDir,
    storage,
    backup,
    modelsDir: modelsDirOf(settings, folder),
    database,
    logLevel: settings.LOG_LEVEL,
    pullToken: settings.SLIPWAY_PULL_TOKEN,
    publishToken: settings.SLIPWAY_PUBLISH_TOKEN,
    tls: tlsOf(settings, folder),
    anonymousPulls: settings.SLIPWAY_ANONYMOUS === 'pull',
    missingTokens,
    trustedRootFile: settings.SLIPWAY_TRUSTED_ROOT && path.resolve(folder, settings.SLIPWAY_TRUSTED_ROOT),
    trustProxy: settings.SLIPWAY_TRUST_PROXY,
    track: settings.SLIPWAY_TRACK === 'on',
    rasaX: settings.SLIPWAY_RASA_X === 'on',
    fleetDays: settings.SLIPWAY_FLEET_DAYS,
    auditDays: settings.SLIPWAY_AUDIT_DAYS,
    maxProcesses: settings.SLIPWAY_MAX_PROCESSES,
    probeHosts: settings.SLIPWAY_PROBE_HOSTS ?? [],
    webhookHosts: settings.SLIPWAY_WEBHOOK_HOSTS ?? [],
    publicUrl: settings.SLIPWAY_PUBLIC_URL,
    maxConnections: settings.SLIPWAY_MAX_CONNECTIONS,
    maxConnectionsPerAddress: settings.SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS,
    maxRequestsPerToken: settings.SLIPWAY_MAX_REQUESTS_PER_TOKEN,
    maxRequestsPerAddress: settings.SLIPWAY_MAX_REQUESTS_PER_ADDRESS,
    maxDownloads: settings.SLIPWAY_MAX_DOWNLOADS,
    maxArchiveBytes: settings.SLIPWAY_MAX_ARCHIVE_BYTES,
    maxUploads: settings.SLIPWAY_MAX_UPLOADS,
    archiveLimits: {
      ...DEFAULT_ARCHIVE_LIMITS,
      unpackedBytes: settings.SLIPWAY_MAX_UNPACKED_BYTES,
      ratio: settings.SLIPWAY_MAX_RATIO,
      members: settings.SLIPWAY_MAX_MEMBERS,
      metadataBytes: settings.SLIPWAY_MAX_METADATA_BYTES,
    },
    minFreeBytes: settings.SLIPWAY_MIN_FREE_BYTES,
    retention: retentionOf(settings),
    keepHistory: settings.SLIPWAY_KEEP_HISTORY,
    graceMilliseconds: settings.SLIPWAY_GRACE_MINUTES * 60_000,
    scrub: settings.SLIPWAY_SCRUB === 'on',
    warnings: shortTokens(settings),
  }
}

function tlsOf(
  { SLIPWAY_TLS_CERT: cert, SLIPWAY_TLS_KEY: key }: Settings,
  folder: string,
): TlsFiles | undefined {
  if (cert === undefined || key === undefined) return undefined
  return { cert: path.resolve(folder, cert), key: path.resolve(folder, key) }
}

/** Servers on other machines would each publish what is in a folder of theirs: with a database there is an inbox only where one is asked for. */
function modelsDirOf({ DATABASE_URL, MODELS_DIR }: Settings, folder: string): string | undefined {
  if (MODELS_DIR === undefined && DATABASE_URL !== undefined) return undefined
  return path.resolve(folder, MODELS_DIR ?? './models')
}

function retentionOf({
  SLIPWAY_KEEP_RELEASES: keepReleases,
  SLIPWAY_KEEP_DAYS: keepDays,
  SLIPWAY_KEEP_HISTORY: keepHistory,
}: Settings): RetentionPolicy | undefined {
  if (keepReleases === undefined && keepDays === undefined) return undefined
  return { keepReleases, keepDays, keepHistory }
}

function readSettings(env: Readonly<Record<string, string | undefined>>, mistakes: string[]): Settings {
  const read = Object.entries(SETTINGS).map(([name, { schema }]) => {
    const text = env[name] === '' ? undefined : env[name]
    const result = schema.safeParse(text)
    if (!result.success)
      mistakes.push(`${name}: ${result.error.issues.map(({ message }) => message).join('; ')}`)
    return [name, result.data]
  })
  return Object.fromEntries(read) as Settings
}

function list(mistakes: readonly string[]): string {
  return mistakes.map((mistake) => `  - ${mistake}`).join('\n')
}
