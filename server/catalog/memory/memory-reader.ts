import type { CatalogReader, CurrentModel } from '../catalog.ts'
import type { PageOf } from '../page-of.ts'
import type { InboxFile } from '../../intake/inbox-file.ts'
import type { Model } from '../../releases/model.ts'
import type { Digest, Release } from '../../releases/release.ts'
import type { Tag, TagMove } from '../../releases/tag.ts'
import { keyOf } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'
import { MemoryUpkeepReader } from './memory-upkeep-reader.ts'

/** Answers the questions of {@link CatalogReader} from maps. */
export class MemoryReader extends MemoryUpkeepReader implements CatalogReader {
  findModel(model: string): Promise<Model | undefined> {
    return this.ask(({ models }) => models.get(model))
  }

  listModels({ limit, before }: PageOf<string>): Promise<Model[]> {
    return this.ask(({ models }) =>
      [...models.values()]
        .filter(({ model }) => before === undefined || model > before)
        .sort((one, other) => compare(one.model, other.model))
        .slice(0, limit),
    )
  }

  findRelease(model: string, number: number): Promise<Release | undefined> {
    return this.ask(({ releases }) => copyOf(releases.get(keyOf(model, number))))
  }

  async highestRelease(model: string): Promise<Release | undefined> {
    const [release] = await this.listReleases(model, { limit: 1 })
    return release
  }

  listReleases(model: string, { limit, before }: PageOf<number>): Promise<Release[]> {
    return this.ask((rows) =>
      releasesOf(rows, model)
        .filter(({ number }) => before === undefined || number < before)
        .sort((one, other) => other.number - one.number)
        .slice(0, limit)
        .map((release) => structuredClone(release)),
    )
  }

  countReleases(model: string): Promise<number> {
    return this.ask((rows) => releasesOf(rows, model).length)
  }

  everHadDigest(model: string, digest: Digest): Promise<boolean> {
    return this.ask(({ releasedDigests }) => releasedDigests.has(keyOf(model, digest)))
  }

  isDigestReleased(digest: Digest): Promise<boolean> {
    return this.ask(({ releases }) => [...releases.values()].some((release) => release.digest === digest))
  }

  findTag(model: string, tag: string): Promise<Tag | undefined> {
    return this.ask(({ tags }) => tags.get(keyOf(model, tag)))
  }

  listTags(model: string): Promise<Tag[]> {
    return this.ask((rows) => tagsOf(rows, model))
  }

  tagHistory(model: string, tag: string, { limit, before }: PageOf<number>): Promise<TagMove[]> {
    return this.ask(({ moves }) =>
      moves
        .filter((move) => move.model === model && move.tag === tag)
        .filter(({ sequence }) => before === undefined || sequence < before)
        .reverse()
        .slice(0, limit),
    )
  }

  readCurrent(model?: string): Promise<CurrentModel[]> {
    return this.ask((rows) =>
      [...rows.models.values()]
        .filter((known) => model === undefined || known.model === model)
        .sort((one, other) => compare(one.model, other.model))
        .map(({ model: name, defaultTag, revision }) => ({
          model: name,
          defaultTag,
          revision,
          tags: tagsOf(rows, name).flatMap(({ tag, release: number }) => {
            const release = copyOf(rows.releases.get(keyOf(name, number)))
            return release ? [{ tag, release }] : []
          }),
        })),
    )
  }

  findInboxFile(path: string): Promise<InboxFile | undefined> {
    return this.ask(({ inboxFiles }) => inboxFiles.get(path))
  }
}

/** Nobody can change what is kept by changing what was given out. */
function copyOf(release: Release | undefined): Release | undefined {
  return release && structuredClone(release)
}

function releasesOf({ releases }: MemoryRows, model: string): Release[] {
  return [...releases.values()].filter((release) => release.model === model)
}

function tagsOf({ tags }: MemoryRows, model: string): Tag[] {
  return [...tags.values()]
    .filter((tag) => tag.model === model)
    .sort((one, other) => compare(one.tag, other.tag))
}

/** By code units, as SQLite does it: names are ASCII. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
