import type { Release } from '../../protocol/release.ts'
import { Facts } from '../parts/facts.tsx'
import { Time } from '../parts/time.tsx'
import { grouped } from '../text/count.ts'
import { readableSize } from '../../protocol/readable-size.ts'

type Archive = Release['archive']

const LISTS = [
  'intents',
  'entities',
  'slots',
  'responses',
  'forms',
  'actions',
  'pipeline',
  'policies',
] as const

/** What Rasa trained, in words of its own documentation. */
const TRAINED: Readonly<Record<NonNullable<Archive['trainingType']>, string>> = {
  nlu: 'NLU alone',
  core: 'dialogue alone',
  both: 'NLU and dialogue',
  'end-to-end': 'NLU and dialogue, end to end',
}

/** What inspection learned of an archive; its long lists are folded. */
export function ArchiveFacts({ archive }: { archive: Archive }) {
  const { rasaVersion, trainedAt, trainingType, language, assistantId, modelId, unpackedSize, members } =
    archive
  return (
    <>
      {[...archive.warnings, ...(archive.accepted ?? [])].map(({ code, message }) => (
        <p key={code + message} class="warning">
          <strong>{code}</strong>: {message}
        </p>
      ))}
      <Facts
        items={[
          ['Trained by Rasa', rasaVersion],
          ['Trained', trainedAt !== undefined && <Time at={trainedAt} />],
          ['What was trained', trainingType && TRAINED[trainingType]],
          ['Language', language],
          ['assistant_id', assistantId],
          ['model_id', modelId],
          ['Unpacked', `${readableSize(unpackedSize)} in ${grouped(members)} files and folders`],
        ]}
      />
      {LISTS.map((name) => (
        <NameList key={name} name={name} items={archive[name]} all={archive.cut?.[name]} />
      ))}
    </>
  )
}

function NameList({
  name,
  items,
  all,
}: {
  name: string
  items: readonly string[] | undefined
  all: number | undefined
}) {
  if (items === undefined || items.length === 0) return null
  return (
    <details class="names">
      <summary>
        {name} <span class="faint">{grouped(all ?? items.length)}</span>
      </summary>
      <ul>
        {items.map((item, index) => (
          <li key={index}>
            <code>{item}</code>
          </li>
        ))}
      </ul>
      {all !== undefined && <p class="faint">The first {grouped(items.length)} are shown.</p>}
    </details>
  )
}
