import type { CatalogReader } from '../catalog/catalog.ts'

/**
 * Whether a promotion would change nothing, as its tag points there: not so during a rollout that came from there, which it would abort.
 */
export async function isThereAlready(
  catalog: CatalogReader,
  { model, tag, release }: { model: string; tag: string; release: number },
): Promise<boolean> {
  const tagged = await catalog.findTag(model, tag)
  if (tagged?.release !== release) return false
  return (await catalog.findRolloutUnderWay(model, tag))?.from?.release !== release
}
