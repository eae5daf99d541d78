import type { CatalogReader } from '../catalog/catalog.ts'
import type { Tag } from './tag.ts'

/**
 * Whether a promotion would change nothing, as its tag points there: not so during a rollout that came from there, which it would abort.
 *
 * @param tagged The tag as it is; undefined where there is none.
 */
export async function isThereAlready(
  catalog: CatalogReader,
  tagged: Tag | undefined,
  release: number,
): Promise<boolean> {
  if (tagged?.release !== release) return false
  return (await catalog.findRolloutUnderWay(tagged.model, tagged.tag))?.from?.release !== release
}
