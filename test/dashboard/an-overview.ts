import type { Bot } from '../../protocol/bot.ts'
import type { Export } from '../../protocol/export.ts'
import type { Overview, TagOverview } from '../../protocol/overview.ts'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import type { ServerStatus, Status } from '../../protocol/status.ts'

/** When the overviews of these tests were read. */
export const NOW = Date.parse('2026-11-26T14:05:00.000Z')

/** A moment so many seconds before {@link NOW}. */
export function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString()
}

/** The overview of a server on which all is well, but for what a test says. */
export function anOverview(parts: Partial<Overview> = {}): Overview {
  return {
    at: ago(0),
    event: 100,
    models: 1,
    tags: [aTag()],
    moreTags: 0,
    morePaused: 0,
    refused: [],
    quarantined: [],
    damaged: [],
    moreDamaged: 0,
    ...parts,
  }
}

/** shop@production at release 7, which all its three bots run, but for what a test says. */
export function aTag(parts: Partial<TagOverview> = {}): TagOverview {
  return {
    model: 'shop',
    tag: 'production',
    isDefault: true,
    release: 7,
    movedAt: ago(3600),
    movedBy: 'ci',
    reason: null,
    bots: { all: 3, updated: 3, states: { running: 3 }, releases: [{ release: 7, bots: 3 }] },
    failing: [],
    lost: [],
    rollbackTo: null,
    rollout: null,
    ...parts,
  }
}

/** A bot that runs release 7, but for what a test says. */
export function aBot(name: string, parts: Partial<Bot> = {}): Bot {
  return {
    bot: name,
    model: 'shop',
    tag: 'production',
    state: 'running',
    release: 7,
    digest: 'a'.repeat(64),
    since: ago(3600),
    lastSeen: ago(20),
    firstSeen: ago(86_400),
    interval: 100,
    offered: null,
    failures: null,
    hints: [],
    processes: 1,
    ...parts,
  }
}

/** A bot that could not load release 8. */
export function aFailingBot(name: string, loads = 3): Bot {
  const reason = `attempt ${loads}: took release 8 whole, and did not show it 12 s later`
  return aBot(name, { state: 'failing', failures: { release: 8, loads, transfers: 0, restarts: 0, reason } })
}

/** The rollout of release 8 over release 7 in its first of two steps, but for what a test says. */
export function aRollout(parts: Partial<RolloutSummary> = {}): RolloutSummary {
  return {
    id: '42',
    model: 'shop',
    tag: 'production',
    from: 7,
    to: 8,
    state: 'running',
    step: 0,
    steps: [
      { target: 1, bots: 1, state: 'running', startedAt: ago(60), endedAt: null },
      { target: '100%', bots: 3, state: 'waiting', startedAt: null, endedAt: null },
    ],
    counts: { bots: 3, updated: 1, loading: 0, failing: 0, waiting: 2, lost: 0 },
    policy: IMMEDIATE,
    reason: null,
    startedAt: ago(60),
    startedBy: 'ci',
    startReason: null,
    endedAt: null,
    ...parts,
  }
}

/** A server of a group that runs, but for what a test says. */
export function aServerOfGroup(host: string, parts: Partial<ServerStatus> = {}): ServerStatus {
  return {
    id: host,
    host,
    address: `${host}:5080`,
    version: '0.1.0',
    state: 'running',
    startedAt: ago(86_400),
    lastSeenAt: ago(1),
    behindSeconds: 0.4,
    keepsHouse: false,
    isThis: false,
    ...parts,
  }
}

/** A server that has nothing to say, but for what a test says. */
export function aStatus(parts: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    startedAt: ago(10 * 86_400),
    models: 1,
    storage: 'filesystem',
    freeBytes: 5e9,
    totalBytes: 2e10,
    transfers: 0,
    uploads: 0,
    backup: null,
    servers: [],
    warnings: [],
    ...parts,
  }
}

/** The copy of shop@production in a bucket. */
export function anExport(parts: Partial<Export> = {}): Export {
  return {
    model: 'shop',
    tag: 'production',
    name: 'production.tar.gz',
    digest: 'a'.repeat(64),
    state: 'done',
    attempts: 0,
    lastError: null,
    exportedAt: ago(3600),
    ...parts,
  }
}
