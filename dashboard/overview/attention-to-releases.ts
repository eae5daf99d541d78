import type { Overview } from '../../protocol/overview.ts'
import { verifyArchives } from '../actions/verify-archives.ts'
import { addressOf } from '../page/address-of.ts'
import { nameSome } from '../text/name-some.ts'
import type { Attention } from './attention.ts'

/** Releases that were taken back and have no successor yet, then archives that cannot be given out. */
export function attentionToReleases(overview: Overview): Attention[] {
  return [...quarantined(overview), ...damaged(overview)]
}

/** Whoever published a newer release has seen to it: a list that never empties is read by nobody. */
function quarantined({ quarantined: releases, tags }: Overview): Attention[] {
  return releases
    .filter(({ isNewest }) => isNewest)
    .map(({ model, release, reason }): Attention => {
      const runs = tags.find((tag) => tag.model === model && tag.release !== release)?.release
      return {
        key: `quarantined ${model} ${release}`,
        urgency: 'soon',
        sentence: `Release ${release} of ${model} was taken back from bots, and nothing newer was published: ${reason}.`,
        detail: 'Find out what is wrong with it, train again and publish; promoting it again needs force.',
        actions: [],
        links: [
          { label: `Release ${release}`, href: addressOf.release(model, release) },
          ...(runs === undefined
            ? []
            : [{ label: `Compare with release ${runs}`, href: addressOf.compare(model, runs, release) }]),
        ],
        command: null,
      }
    })
}

function damaged({ damaged: archives }: Overview): Attention[] {
  const [first] = archives
  if (first === undefined) return []
  const releases = archives.flatMap(({ releases }) => releases)
  const names = releases.map(({ model, release }) => `release ${release} of ${model}`)
  return [
    {
      key: 'damaged',
      urgency: 'now',
      sentence:
        names.length === 0
          ? `${archives.length} stored archives are damaged or missing; no release has them.`
          : `The stored archive of ${nameSome(names)} is ${first.kind === 'missing' ? 'missing' : 'damaged'}: it is not given out.`,
      detail: 'Publish the same archive again: that mends it. Bots keep what they run meanwhile.',
      actions: [verifyArchives()],
      links: [
        ...releases.slice(0, 3).map(({ model, release }) => ({
          label: `Release ${release} of ${model}`,
          href: addressOf.release(model, release),
        })),
        { label: 'Publish an archive', href: addressOf.publish(releases[0]?.model) },
      ],
      command: null,
    },
  ]
}
