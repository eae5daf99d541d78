import { auditPage } from '../audit/audit-page.tsx'
import { botPage } from '../bots/bot-page.tsx'
import { botsPage } from '../bots/bots-page.tsx'
import { comparePage } from '../compare/compare-page.tsx'
import { exportsPage } from '../exports/exports-page.tsx'
import { modelPage } from '../models/model-page.tsx'
import { modelsPage } from '../models/models-page.tsx'
import { overviewPage } from '../overview/overview-page.tsx'
import { publishPage } from '../publish/publish-page.tsx'
import { releasePage } from '../releases/release-page.tsx'
import { rolloutPage } from '../rollouts/rollout-page.tsx'
import { rolloutsPage } from '../rollouts/rollouts-page.tsx'
import { timelinePage } from '../timeline/timeline-page.tsx'
import { tokensPage } from '../tokens/tokens-page.tsx'
import { tagPage } from '../tags/tag-page.tsx'
import { webhookPage } from '../webhooks/webhook-page.tsx'
import { webhooksPage } from '../webhooks/webhooks-page.tsx'
import type { Page } from './page.ts'

/** A page whose data is its own affair: what it loaded is what it is asked to show. */
function entry<Data>(page: Page<Data>): Page<unknown> {
  return page
}

/** Every page; the first whose address fits is shown. */
export const PAGES: readonly Page<unknown>[] = [
  entry(overviewPage),
  entry(modelsPage),
  entry(modelPage),
  entry(releasePage),
  entry(tagPage),
  entry(botsPage),
  entry(botPage),
  entry(rolloutsPage),
  entry(rolloutPage),
  entry(comparePage),
  entry(timelinePage),
  entry(publishPage),
  entry(tokensPage),
  entry(auditPage),
  entry(webhooksPage),
  entry(webhookPage),
  entry(exportsPage),
]
