import { addressOf } from '../page/address-of.ts'
import { To } from './to.tsx'

/** So many names are told; a model may have a tag for every branch. */
const MOST = 8

/** The tags that point at a release. @param tags Their names */
export function TagNames({ model, tags }: { model: string; tags: readonly string[] }) {
  return (
    <>
      {tags.slice(0, MOST).map((tag) => (
        <To key={tag} href={addressOf.tag(model, tag)} class="note tag">
          {tag}
        </To>
      ))}
      {tags.length > MOST && <span class="note">and {tags.length - MOST} more</span>}
    </>
  )
}
