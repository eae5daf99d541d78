import type { Overview } from '../../protocol/overview.ts'
import { verifyArchives } from '../actions/verify-archives.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import { nameSome } from '../text/name-some.ts'
import type { Attention } from './attention.ts'

/** So many releases have a link of their own; `slipway verify` names all. */
const MOST_LINKED = 3

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

function damaged({ damaged: archives, moreDamaged }: Overview): Attention[] {
  const [first] = archives
  if (first === undefined) return []
  const all = archives.length + moreDamaged
  const releases = archives.flatMap(({ releases }) => releases)
  const names = releases.map(({ model, release }) => `release ${release} of ${model}`)
  return [
    {
      key: 'damaged',
      urgency: 'now',
      sentence:
        names.length === 0
          ? `${count(all, 'stored archive')} ${all === 1 ? 'is' : 'are'} damaged or missing; no release has ${all === 1 ? 'it' : 'them'}.`
          : all === 1
            ? `The stored archive of ${nameSome(names)} is ${first.kind}: it is not given out.`
            : `${count(all, 'stored archive')} are damaged or missing, and not given out: those of ${nameSome(names)}${moreDamaged > 0 ? ' among them' : ''}.`,
      detail: 'Publish the same archive again: that mends it. Bots keep what they run meanwhile.',
      command: all > MOST_LINKED ? 'slipway verify' : null,
      actions: [verifyArchives()],
      links: [
        ...releases.slice(0, MOST_LINKED).map(({ model, release }) => ({
          label: `Release ${release} of ${model}`,
          href: addressOf.release(model, release),
        })),
        { label: 'Publish an archive', href: addressOf.publish(releases[0]?.model) },
      ],
    },
  ]
}
