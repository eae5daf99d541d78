import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Logger } from 'pino'
import type { Export } from '../../protocol/export.ts'
import type { Status } from '../../protocol/status.ts'
import type { FleetView } from '../rollouts/fleet-view.ts'
import type { RolloutControl } from '../rollouts/rollout-control.ts'
import type { PruneDependencies } from '../upkeep/prune-releases.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { IdentityVerifier } from '../access/oidc/identity-verifier.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { WebhookControl } from '../webhooks/webhook-control.ts'
import type { Endpoint } from './api/endpoint.ts'
import type { ChangeAudit } from './access/change-audit.ts'
import type { Gate } from './access/gate.ts'
import { logRequest } from './reply/log-request.ts'
import type { Metrics } from './operate/metrics.ts'
import { mountEndpoints } from './api/mount-endpoints.ts'
import { mountDescription, sendNotFound } from './pages/description.ts'
import { mountDashboard, type DashboardDependencies } from './pages/mount-dashboard.ts'
import { mountHealth } from './operate/health.ts'
import { auditEndpoints, type AuditDependencies } from './api/audit.ts'
import { botEndpoints } from './api/bots.ts'
import { bundleEndpoint } from './api/bundle.ts'
import { deleteModelEndpoint } from './api/delete-model.ts'
import { echoEndpoints, type EchoDependencies } from './api/echo.ts'
import { eventEndpoints } from './api/events.ts'
import { exportEndpoints } from './api/exports.ts'
import { modelEndpoints } from './api/models.ts'
import { pruneEndpoints } from './api/prune.ts'
import { overviewEndpoints } from './api/overview.ts'
import type { OverviewDependencies } from './api/read-overview.ts'
import { exchangeEndpoint } from './api/oidc.ts'
import type { AnswerDependencies } from './pull/answer-pull.ts'
import { mountPublish, type PublishRouteDependencies } from './publish/publish.ts'
import { readyEndpoint } from './api/ready.ts'
import { releaseDiffEndpoint } from './api/release-diff.ts'
import { releaseEndpoints } from './api/releases.ts'
import { rolloutEndpoints } from './api/rollouts.ts'
import { seriesEndpoints, type SeriesDependencies } from './api/series.ts'
import { statusEndpoints } from './api/status.ts'
import type { EventDependencies } from './api/stream-events.ts'
import { tagEndpoints, type TagDependencies } from './api/tags.ts'
import { timelineEndpoints } from './api/timeline.ts'
import { tokenEndpoints, type TokenRouteDependencies } from './api/tokens.ts'
import { trustEndpoints } from './api/trust.ts'
import { webhookEndpoints } from './api/webhooks.ts'
import { verificationEndpoints, type VerificationDependencies } from './api/verification.ts'
import { rasaXEndpoints } from './rasa-x/rasa-x-endpoints.ts'
import type { FaultLog } from './reply/fault-log.ts'
import { sendFailure } from './reply/send-failure.ts'
import { sendProblem } from './reply/send-problem.ts'

export interface AppDependencies
  extends
    AnswerDependencies,
    PublishRouteDependencies,
    AuditDependencies,
    TagDependencies,
    EchoDependencies,
    EventDependencies,
    PruneDependencies,
    OverviewDependencies,
    SeriesDependencies,
    TokenRouteDependencies,
    Omit<DashboardDependencies, 'endpoints'>,
    VerificationDependencies {
  blobs: BlobStore
  /** What is told of bots, processes and rollouts. */
  view: FleetView
  /** What people do to webhooks. */
  webhooks: WebhookControl
  /** What people do to rollouts and policies. */
  rolloutControl: RolloutControl
  /** How many releases of each tag's history stay where a pruning does not say. */
  keepHistory: number
  /** The catalog for changes that must not fail where the disk is full, as they free room. */
  urgentCatalog: Catalog
  gate: Gate
  /** Knows who makes changes, and which are refused. */
  changes: ChangeAudit
  identities: IdentityVerifier
  logger: Logger
  faults: FaultLog
  metrics: Metrics
  /** Whether the addresses of Rasa X are answered (SLIPWAY_RASA_X). */
  rasaX: boolean
  /** The server's version. */
  version: string
  readStatus: () => Promise<Status>
  listExports: () => Export[]
}

/** Every endpoint of the API under `/api/v1`, and `/ready`. */
export function apiEndpoints(dependencies: AppDependencies): Endpoint[] {
  return [
    ...modelEndpoints(dependencies),
    deleteModelEndpoint({ ...dependencies, catalog: dependencies.urgentCatalog }),
    ...releaseEndpoints(dependencies),
    releaseDiffEndpoint(dependencies),
    bundleEndpoint(dependencies),
    ...tagEndpoints(dependencies),
    ...rolloutEndpoints(dependencies),
    ...timelineEndpoints(dependencies),
    ...botEndpoints(dependencies.view),
    ...eventEndpoints(dependencies),
    ...webhookEndpoints(dependencies),
    ...overviewEndpoints(dependencies),
    ...seriesEndpoints(dependencies),
    readyEndpoint(dependencies.view),
    ...pruneEndpoints({ ...dependencies, catalog: dependencies.urgentCatalog }),
    ...verificationEndpoints(dependencies),
    ...exportEndpoints(dependencies.listExports),
    ...statusEndpoints(dependencies.readStatus),
    ...tokenEndpoints(dependencies),
    ...echoEndpoints(dependencies),
    ...auditEndpoints(dependencies),
    ...trustEndpoints(dependencies),
    exchangeEndpoint(dependencies),
  ]
}

/** Everything but the path of a poll, which stands in front of it (listener.ts). Does not listen. */
export function createApp(dependencies: AppDependencies): Express {
  const { changes, faults, gate, logger, metrics, readiness, readRights, version } = dependencies
  const app = express()
  // Entity tags are ours to make: Express puts weak ones even on errors.
  app.set('etag', false)
  app.set('x-powered-by', false)
  app.set('case sensitive routing', true)
  app.set('strict routing', true)
  mountHealth(app, gate, readiness, metrics)
  mountPublish(app, dependencies)
  const endpoints = apiEndpoints(dependencies)
  mountEndpoints(app, endpoints, { gate, readRights, logger, faults, changes })
  if (dependencies.rasaX) {
    mountEndpoints(app, rasaXEndpoints(dependencies), { gate, readRights, logger, faults, changes })
  }
  mountDescription(app, endpoints, version, logger)
  mountDashboard(app, { ...dependencies, endpoints })
  app.use((request: Request, response: Response) => {
    sendNotFound(request, response)
    logRequest(logger, request, response, performance.now())
  })

  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    if (isMalformedPath(error))
      sendProblem(request, response, 'bad-request', 'The address is not well formed.')
    else sendFailure(request, response, error, faults)
    logRequest(logger, request, response, performance.now())
  })
  return app
}

/** Express's router throws a 400 where a path is no percent-encoded text. */
function isMalformedPath(error: unknown): boolean {
  return error instanceof URIError
}
