import type { Migration } from 'kysely/migration'
import { modelsReleasesAndTags } from './0001-models-releases-and-tags.ts'
import { upkeep } from './0002-upkeep.ts'
import { buckets } from './0003-buckets.ts'
import { identity } from './0004-identity.ts'
import { refusalRules } from './0005-refusal-rules.ts'
import { releaseFacts } from './0006-release-facts.ts'
import { rollouts } from './0007-rollouts.ts'
import { sightingsToProcesses } from './0008-sightings-to-processes.ts'
import { tokens } from './0009-tokens.ts'
import { webhooks } from './0010-webhooks.ts'
import { signatures } from './0011-signatures.ts'
import { severalServers } from './0012-several-servers.ts'
import { audit } from './0013-audit.ts'
import { trustedPublishers } from './0014-trusted-publishers.ts'
import { serverGroup } from './0015-server-group.ts'
import { fleetRevisions } from './0016-fleet-revisions.ts'
import { quotas } from './0017-quotas.ts'
import { tokenPublishers } from './0018-token-publishers.ts'
import { exportVersions } from './0019-export-versions.ts'

/** Every migration there is, in order. A name that was released once stays, and so does what it does. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-models-releases-and-tags': modelsReleasesAndTags,
  '0002-upkeep': upkeep,
  '0003-buckets': buckets,
  '0004-identity': identity,
  '0005-refusal-rules': refusalRules,
  '0006-release-facts': releaseFacts,
  '0007-rollouts': rollouts,
  '0008-sightings-to-processes': sightingsToProcesses,
  '0009-tokens': tokens,
  '0010-webhooks': webhooks,
  '0011-signatures': signatures,
  '0012-several-servers': severalServers,
  '0013-audit': audit,
  '0014-trusted-publishers': trustedPublishers,
  '0015-server-group': serverGroup,
  '0016-fleet-revisions': fleetRevisions,
  '0017-quotas': quotas,
  '0018-token-publishers': tokenPublishers,
  '0019-export-versions': exportVersions,
}
