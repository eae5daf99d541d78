import { probeWarnings } from '../../protocol/probe-warnings.ts'
import { jsonLine } from '../../protocol/shown-text.ts'
import type { ApiClient } from '../api/api-client.ts'
import { previewMove, type PreviewedMove } from '../api/rollouts.ts'
import type { TagAddress } from '../api/tags.ts'
import { describePreview } from './describe-rollout.ts'
import { print } from './print.ts'
import { printWarnings } from './print-warnings.ts'

/** Shows what a promotion or a rollback would come to. @param json As one line of JSON, without warnings in words. */
export async function printPreview(
  client: ApiClient,
  address: TagAddress,
  move: PreviewedMove,
  json: boolean,
): Promise<void> {
  const found = await previewMove(client, address, move)
  const kind = 'rollback' in move ? 'rollback' : 'promotion'
  print(json ? jsonLine(found) : describePreview(found, `${address.model}@${address.tag}`, kind))
  if (!json) printWarnings(found.warnings)
  printWarnings(probeWarnings(found.policy))
}
