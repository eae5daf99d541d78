import type { ReleaseReader } from '../../catalog/releases.ts'
import { DomainError } from '../../errors/errors.ts'
import type { ServedRelease } from '../../releases/release.ts'

/** Releases that are looked through at a time. */
const AT_ONCE = 1000

/**
 * The newest release whose archive came under a file name: Rasa X knows models by these names.
 *
 * @param name With or without `.tar.gz`.
 * @throws DomainError `release-not-found`
 */
export async function findReleaseByFile(
  catalog: Pick<ReleaseReader, 'listServedReleases'>,
  model: string,
  name: string,
): Promise<ServedRelease> {
  const filename = name.endsWith('.tar.gz') ? name : `${name}.tar.gz`
  let cursor: number | undefined
  for (;;) {
    const page = await catalog.listServedReleases(model, {
      limit: AT_ONCE,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const found = page.find((release) => release.filename === filename)
    if (found !== undefined) return found
    cursor = page.at(-1)?.number
    if (page.length < AT_ONCE)
      throw new DomainError('release-not-found', `No release of "${model}" has the file name ${filename}.`)
  }
}
