import { readMembers, type ReadMember } from './read-members.ts'
import { gzipOf, tarOf } from './tar-builder.ts'

/** One way to spoil a trained archive, or to pack it otherwise. */
export interface ArchiveMutation {
  name: string
  /** Whether what was trained is all there still. */
  harmless: boolean
  /** The other archive; `undefined` where this one has nothing to be changed so. */
  apply(archive: Uint8Array): Buffer | undefined
}

/** What components of a team's own keep, and need, is known to nobody else. */
const OF_THEIR_OWN = /^components\/train_bakery_components/

type Members = ReadMember[]
type Metadata = Record<string, unknown>

/** Every archive of the matrix is changed in each of these ways; the same bytes come out for the same archive. */
export const ARCHIVE_MUTATIONS: readonly ArchiveMutation[] = [
  repacked('other programs packed it', (members) => members),
  repacked('no entries for folders that are not empty', (members) =>
    members.filter(({ path }) => !path.endsWith('/') || !members.some((other) => isBelow(other, path))),
  ),
  repacked('"./" in front of all', (members) =>
    members.map((member) => ({ ...member, path: `./${member.path}` })),
  ),
  repacked('what macOS leaves behind', (members) => [
    { path: '.DS_Store', content: Buffer.alloc(6148, 1) },
    { path: '._metadata.json', content: Buffer.from([0, 5, 22, 7]) },
    ...members,
  ]),
  repacked('no finetuning_validator', (members) => without(members, 'components/finetuning_validator')),
  spoilt('a folder around everything', (members) =>
    members.map((member) => ({ ...member, path: `model/${member.path}` })),
  ),
  spoilt('no domain_provider', (members) => without(members, 'components/domain_provider')),
  spoilt('no folder of the last NLU component', (members) => withoutLast(members, /^train_(?!.*Policy)/)),
  spoilt('no folder of the rule policy', (members) => withoutLast(members, /^train_RulePolicy/)),
  spoilt('the largest JSON of NLU cut', (members) => cutLargest(members, /train_(?!.*Policy).*\.json$/)),
  spoilt('rule_policy.json cut', (members) => cutLargest(members, /rule_policy\.json$/)),
  spoilt('rule_policy.json left out', (members) => leaveOutLargest(members, /rule_policy\.json$/)),
  spoilt('vocabularies.json left out', (members) => leaveOutLargest(members, /vocabularies\.json$/)),
  spoilt('the largest weights cut', (members) => cutLargest(members, /\.(skops|st)$/)),
  spoilt('the largest weights empty', (members) => emptyLargest(members, /\.(skops|st|tf_model\.data-\S+)$/)),
  spoilt('the largest weights left out', (members) =>
    leaveOutLargest(members, /\.(skops|st|tf_model\.index)$/),
  ),
  spoilt('metadata.json cut', (members) => cutLargest(members, /^metadata\.json$/)),
  withMetadata('no graph', ({ predict_schema: _, ...metadata }) => metadata),
  withMetadata('an empty graph', (metadata) => ({ ...metadata, predict_schema: { nodes: {} } })),
  withMetadata('no domain', ({ domain: _, ...metadata }) => metadata),
  withMetadata('no model_id', ({ model_id: _, ...metadata }) => metadata),
  withMetadata('no trained_at', ({ trained_at: _, ...metadata }) => metadata),
  withMetadata('a time in words', (metadata) => ({ ...metadata, trained_at: 'yesterday' })),
  withMetadata('no version', ({ rasa_open_source_version: _, ...metadata }) => metadata),
  withMetadata('a version that is none', (metadata) => ({ ...metadata, rasa_open_source_version: 'abc' })),
  withMetadata('no training_type', ({ training_type: _, ...metadata }) => metadata),
]

function repacked(name: string, change: (members: Members) => Members): ArchiveMutation {
  return { name, harmless: true, apply: (archive) => packed(change(readMembers(archive))) }
}

function spoilt(name: string, change: (members: Members) => Members | undefined): ArchiveMutation {
  const apply = (archive: Uint8Array): Buffer | undefined => {
    const changed = change(readMembers(archive))
    return changed && packed(changed)
  }
  return { name, harmless: false, apply }
}

function withMetadata(name: string, change: (metadata: Metadata) => Metadata): ArchiveMutation {
  return spoilt(name, (members) =>
    members.map((member) => {
      if (member.path !== 'metadata.json') return member
      // Python writes Infinity as it is, and JavaScript not at all.
      const text = member.content.toString().replaceAll(': Infinity', ': "∞"')
      const changed = JSON.stringify(change(JSON.parse(text) as Metadata)).replaceAll(':"∞"', ':Infinity')
      return { ...member, content: Buffer.from(changed) }
    }),
  )
}

function packed(members: Members): Buffer {
  return gzipOf(tarOf(members))
}

function without(members: Members, folder: string): Members {
  return members.filter(({ path }) => path !== `${folder}/` && !path.startsWith(`${folder}/`))
}

function withoutLast(members: Members, folder: RegExp): Members | undefined {
  const names = members
    .filter(({ path }) => !OF_THEIR_OWN.test(path))
    .map(({ path }) => /^components\/([^/]+)\//.exec(path)?.[1] ?? '')
    .filter((name) => folder.test(name))
  const last = names.at(-1)
  return last === undefined ? undefined : without(members, `components/${last}`)
}

function largest(members: Members, file: RegExp): ReadMember | undefined {
  const sizes = members.filter(
    ({ path }) => file.test(path) && !path.endsWith('/') && !OF_THEIR_OWN.test(path),
  )
  return sizes.toSorted((a, b) => b.content.length - a.content.length).at(0)
}

function replaceLargest(
  members: Members,
  file: RegExp,
  content: (old: Buffer) => Buffer,
): Members | undefined {
  const found = largest(members, file)
  return (
    found &&
    members.map((member) => (member === found ? { ...member, content: content(member.content) } : member))
  )
}

function cutLargest(members: Members, file: RegExp): Members | undefined {
  return replaceLargest(members, file, (old) => old.subarray(0, old.length >> 1))
}

function emptyLargest(members: Members, file: RegExp): Members | undefined {
  return replaceLargest(members, file, () => Buffer.alloc(0))
}

function leaveOutLargest(members: Members, file: RegExp): Members | undefined {
  const found = largest(members, file)
  return found && members.filter((member) => member !== found)
}

function isBelow({ path }: ReadMember, folder: string): boolean {
  return path !== folder && path.startsWith(folder)
}
