import type { TagOverview } from '../../protocol/overview.ts'
import type { ReleaseSummary } from '../../protocol/release.ts'
import type { Tag } from '../../protocol/tag.ts'
import { addressOf } from '../page/address-of.ts'
import { Columns } from '../parts/columns.tsx'
import { Time } from '../parts/time.tsx'
import { TagNames } from '../parts/tag-names.tsx'
import { To } from '../parts/to.tsx'
import { count } from '../text/count.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { releaseFlags } from './release-flags.ts'

interface ReleaseTableProps {
  releases: readonly ReleaseSummary[]
  tags: readonly Pick<Tag, 'tag' | 'release'>[]
  overviews: readonly TagOverview[]
}

/** Releases, the newest first, with who published them and who runs them. */
export function ReleaseTable({ releases, tags, overviews }: ReleaseTableProps) {
  return (
    <table class="rows">
      <Columns of={['Release', 'Published', 'Notes', 'Rasa', { name: 'Size', isNumber: true }, 'Run by']} />
      <tbody>
        {releases.map((release) => (
          <ReleaseRow
            key={release.number}
            release={release}
            tags={tags}
            bots={botsOf(overviews, release.number)}
          />
        ))}
      </tbody>
    </table>
  )
}

function ReleaseRow({
  release,
  tags,
  bots,
}: {
  release: ReleaseSummary
  tags: ReleaseTableProps['tags']
  bots: number
}) {
  const { model, number, publishedAt, publishedBy, notes, archive } = release
  return (
    <tr>
      <th scope="row">
        <To href={addressOf.release(model, number)} class="release">
          {number}
        </To>
        <TagNames model={model} tags={tags.filter((tag) => tag.release === number).map(({ tag }) => tag)} />
        {releaseFlags(release).map(({ word, isBad }) => (
          <span key={word} class={isBad ? 'note bad' : 'note'}>
            {word}
          </span>
        ))}
      </th>
      <td data-label="Published" class="name">
        <Time at={publishedAt} /> by {publishedBy}
      </td>
      <td data-label="Notes">{notes.length > 140 ? `${notes.slice(0, 140)}…` : notes}</td>
      <td data-label="Rasa">{archive.rasaVersion ?? ''}</td>
      <td data-label="Size" class="number">
        {readableSize(release.size)}
      </td>
      <td data-label="Run by">
        {bots === 0 ? (
          <span class="faint">nobody</span>
        ) : (
          <To href={addressOf.bots({ model, release: String(number) })}>{count(bots, 'bot')}</To>
        )}
      </td>
    </tr>
  )
}

function botsOf(overviews: readonly TagOverview[], number: number): number {
  return overviews
    .flatMap(({ bots }) => bots.releases)
    .filter(({ release }) => release === number)
    .reduce((sum, { bots }) => sum + bots, 0)
}
