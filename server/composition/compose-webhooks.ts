import type { Logger } from 'pino'
import type { StatusWarning } from '../../protocol/status.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Config } from '../config/config.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import { HttpWebhookSender } from '../delivering/http-webhook-sender.ts'
import { WebhookMetrics } from '../http/operate/webhook-metrics.ts'
import type { Clock } from '../time/clock.ts'
import { shownTarget } from '../webhooks/shown-target.ts'
import { WebhookControl } from '../webhooks/webhook-control.ts'
import { WebhookDispatcher, type AttemptReport } from '../webhooks/webhook-dispatcher.ts'
import { webhookWarnings } from '../webhooks/webhook-warnings.ts'
import { logCatalogFailures } from './logging/log-catalog-failures.ts'

/** What sends events to where people want to hear of them. */
export interface ComposedWebhooks {
  control: WebhookControl
  metrics: WebhookMetrics
  /** What somebody should look at now. */
  warnings(): Promise<StatusWarning[]>
  start(): void
  stop(): Promise<void>
}

export interface WebhookParts {
  config: Pick<Config, 'webhookHosts' | 'publicUrl'>
  catalog: Catalog
  clock: Clock
  logger: Logger
  /** What people change of webhooks waits on a full disk; what is told of rollbacks there does not. */
  deferrableCatalog: Catalog
  housekeeping: Housekeeping
  isCatalogLost: () => boolean
}

/** Puts webhooks together; a line of the log for each attempt, a warning where it failed. */
export function composeWebhooks({
  config: { webhookHosts: hosts, publicUrl },
  ...parts
}: WebhookParts): ComposedWebhooks {
  const { catalog, deferrableCatalog, clock, logger, housekeeping, isCatalogLost } = parts
  const sender = new HttpWebhookSender({ hosts, now: () => clock.now() })
  const onFailure = logCatalogFailures(logger, isCatalogLost, 'webhooks_catalog_failed')
  // Metrics and status answer also where the catalog does not: that is when they are looked at.
  const orNone = async <Item>(read: () => Promise<Item[]>): Promise<Item[]> => {
    if (isCatalogLost()) return []
    try {
      return await read()
    } catch (error) {
      onFailure(error)
      return []
    }
  }
  const summarize = () => orNone(() => catalog.summarizeDeliveries())
  const metrics = new WebhookMetrics(summarize, () => clock.now())
  const dispatcher = new WebhookDispatcher({
    catalog,
    clock,
    sender,
    housekeeping,
    publicUrl,
    random: Math.random,
    onAttempt: (report) => {
      metrics.note(outcomeOf(report))
      logAttempt(logger, report)
    },
    onFailure,
  })
  return {
    metrics,
    control: new WebhookControl({ catalog: deferrableCatalog, clock, sender, hosts, publicUrl }),
    async warnings() {
      const webhooks = await orNone(() => catalog.listWebhooks())
      return webhookWarnings(webhooks, await summarize(), clock.now())
    },
    start() {
      if (!isCatalogLost()) dispatcher.start()
    },
    stop: () => dispatcher.stop(),
  }
}

function outcomeOf({ result, outcome }: AttemptReport) {
  if (outcome.state === 'dead') return 'dead'
  return result.kind === 'accepted' ? 'delivered' : result.kind
}

/** A receiver that fails needs nobody of this server at once; an event that nobody was told of does. */
function logAttempt(logger: Logger, report: AttemptReport): void {
  const { webhook, delivery, result, outcome, milliseconds } = report
  const { id, message, attempts, event } = delivery
  const facts = {
    webhook: webhook.id,
    target: shownTarget(webhook),
    delivery: id,
    message,
    type: event.type,
    model: event.model,
    attempt: attempts + 1,
    status: result.status,
    milliseconds,
  }
  if (result.kind === 'accepted') {
    logger.info(facts, 'webhook_delivered')
    return
  }
  const { reason } = result
  if (outcome.disabledReason !== null) logger.error({ ...facts, reason }, 'webhook_disabled')
  else if (outcome.state === 'dead') logger.error({ ...facts, reason }, 'webhook_given_up')
  else logger.warn({ ...facts, reason }, result.kind === 'blocked' ? 'webhook_blocked' : 'webhook_failed')
}
