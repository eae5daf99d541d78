import type { Release } from '../../protocol/release.ts'
import type { Tag } from '../../protocol/tag.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { at } from '../api/api.ts'
import { useMay, usePage } from '../page/context.ts'
import { Facts } from '../parts/facts.tsx'
import { Time } from '../parts/time.tsx'
import { TagNames } from '../parts/tag-names.tsx'
import { signatureInWords } from '../signatures/signature-in-words.ts'

/** What is known of a release besides what inspection found, and its files for those who may have them. */
export function ReleaseFacts({ release, tags }: { release: Release; tags: readonly Tag[] }) {
  const { root } = usePage()
  const { model, number, digest, filename, publishedAt, publishedBy, notes, signature } = release
  const [mayManage, mayPull] = [useMay('manage', { model }), useMay('pull', { model })]
  const pointing = tags.filter(({ release: pointed }) => pointed === number).map(({ tag }) => tag)
  const address = root + at.release(model, number)
  return (
    <Facts
      items={[
        [
          'Tags',
          pointing.length === 0 ? (
            <span class="faint">none</span>
          ) : (
            <TagNames model={model} tags={pointing} />
          ),
        ],
        [
          'Published',
          <>
            <Time at={publishedAt} /> by {publishedBy}
          </>,
        ],
        ['Size', readableSize(release.size)],
        [
          'File',
          mayManage ? (
            <a href={`${address}/archive`} download={filename}>
              {filename}
            </a>
          ) : (
            filename
          ),
        ],
        [
          'Signature',
          <>
            {signatureInWords(signature)}{' '}
            {signature !== null && mayPull && (
              <a href={`${address}/bundle`} download={`${filename}.sigstore.json`}>
                Download the bundle
              </a>
            )}
          </>,
        ],
        ['Digest', <code>{digest}</code>],
        ['Notes', notes === '' ? <span class="faint">none</span> : <span class="notes">{notes}</span>],
      ]}
    />
  )
}
