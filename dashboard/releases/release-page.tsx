import type { Bot } from '../../protocol/bot.ts'
import type { Page as List } from '../../protocol/page.ts'
import type { Release } from '../../protocol/release.ts'
import type { Tag, TagMove } from '../../protocol/tag.ts'
import { deleteRelease } from '../actions/delete-release.ts'
import { editNotes } from '../actions/edit-notes.ts'
import { at, unlessRefused } from '../api/api.ts'
import { BotTable } from '../bots/bot-table.tsx'
import { addressOf } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { PromoteForm } from '../tags/promote-form.tsx'
import { ArchiveFacts } from './archive-facts.tsx'
import { MoveList } from './move-list.tsx'
import { NotesForm } from './notes-form.tsx'
import { ReleaseFacts } from './release-facts.tsx'

/** So many of the bots that run a release stand on its page; a link leads to all. */
const BOTS = 20
/** So many moves of each tag are looked through for those of a release. */
const MOVES = 50

interface ReleaseData {
  readonly release: Release
  readonly tags: readonly Tag[]
  readonly bots: List<Bot>
  readonly moves: readonly TagMove[]
}

/** A release: what inspection found, who runs it, where it was, and what can be done with it. */
export const releasePage: Page<ReleaseData> = {
  path: 'dashboard/models/:model/releases/:number',
  menu: 'models',
  title: ({ release }) => `${release.model} ${release.number}`,
  async load(api, { params: { model = '', number = '' } }) {
    const releaseAt = at.release(model, Number(number))
    const [release, tags, bots] = await Promise.all([
      api.get<Release>(releaseAt),
      api.get<List<Tag>>(`${at.model(model)}/tags`),
      api.get<List<Bot>>(`${releaseAt}/bots?limit=${BOTS}`),
    ])
    const histories = await Promise.all(
      tags.items
        .slice(0, 10)
        .map(({ tag }) =>
          unlessRefused(api.get<List<TagMove>>(`${at.tag(model, tag)}/history?limit=${MOVES}`)),
        ),
    )
    const moves = histories
      .flatMap((history) => history?.items ?? [])
      .filter(({ from, to }) => from === release.number || to === release.number)
      .toSorted((one, other) => other.movedAt.localeCompare(one.movedAt))
    return { release, tags: tags.items, bots, moves }
  },
  view(data) {
    return <ReleaseView {...data} />
  },
  concerns: (event, { params }) => event.model === null || event.model === params['model'],
}

function ReleaseView({ release, tags, bots, moves }: ReleaseData) {
  const { model, number, quarantine, damagedAt, notes, archive } = release
  const running = tags.find(({ tag, release: pointed }) => tag !== 'latest' && pointed !== number)
  return (
    <>
      <h1>
        <To href={addressOf.model(model)}>{model}</To> release {number}
      </h1>
      {quarantine !== null && (
        <p class="problem">
          Taken back from bots at <Time at={quarantine.at} />: {quarantine.reason}. Promoting it needs force.
        </p>
      )}
      {damagedAt !== undefined && (
        <p class="problem">
          Its stored archive has been damaged or missing since <Time at={damagedAt} />. Publish the same
          archive again: that mends it.
        </p>
      )}
      <ReleaseFacts release={release} tags={tags} />
      <NotesForm model={model} notes={notes} edit={(text) => editNotes(model, number, text)} />
      <div class="buttons head">
        {running !== undefined && (
          <To href={addressOf.compare(model, running.release, number)} class="button">
            Compare with {running.release} ({running.tag})
          </To>
        )}
        <ActionButton action={deleteRelease(model, number)} />
      </div>
      <section aria-labelledby="promote-title">
        <h2 id="promote-title">Promote</h2>
        <PromoteForm model={model} release={number} tags={tags} isQuarantined={quarantine !== null} />
      </section>
      <section aria-labelledby="bots-title">
        <h2 id="bots-title">Bots that run it</h2>
        <BotTable bots={bots.items} empty="No bot runs it now." />
        {bots.next !== null && (
          <To href={addressOf.bots({ model, release: String(number) })}>All bots that run it</To>
        )}
      </section>
      <section aria-labelledby="archive-title">
        <h2 id="archive-title">What inspection found</h2>
        <ArchiveFacts archive={archive} />
      </section>
      <section aria-labelledby="history-title">
        <h2 id="history-title">History</h2>
        <MoveList moves={moves} empty="No tag has pointed at it lately." />
      </section>
    </>
  )
}
