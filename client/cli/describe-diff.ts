import { NAME_LISTS, type NameList } from '../../archives/archive-facts.ts'
import type {
  ArchiveDifferences,
  ComparedValue,
  ListDifference,
  ValueDifference,
} from '../../archives/differences/archive-differences.ts'
import type { ChangedDefinition, ChangedDefinitions } from '../../archives/differences/changed-definitions.ts'
import { shownText } from '../../protocol/shown-text.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { changedLines } from './changed-lines.ts'
import { styled } from './style.ts'
import { USUAL_WIDTH, wrapText } from './wrap-text.ts'

/** So many names are shown of each kind of difference; --all shows the others. */
export const USUAL_NAMES = 30

const NAME_WIDTH = 14

const VALUE_NAMES: Record<ComparedValue, string> = {
  rasaVersion: 'Rasa',
  language: 'language',
  format: 'format',
  trainingType: 'trained',
  assistantId: 'assistant id',
  size: 'size',
  unpackedSize: 'unpacked size',
  members: 'files',
}

/** So many definitions are shown with their lines, and so many lines of each; --all shows the others. */
const MOST_DEFINITIONS = 10
const MOST_LINES = 8

/** What differs, with the old and the new text of what was changed, as far as they are known. */
export interface ShownDifferences extends ArchiveDifferences {
  definitions?: ChangedDefinitions
  /** Why they are not known. */
  definitionsUnread?: string
}

/** How a description is laid out. */
export interface DiffLayout {
  /** Columns. */
  width?: number
  /** Names that are shown of each kind of difference at most. */
  most?: number
}

/**
 * What differs between two archives, as people read it.
 *
 * @param from How the first one is called.
 * @param to How the second one is called.
 */
export function describeDiff(
  { isSame, values, lists, warnings, definitions = {}, definitionsUnread }: ShownDifferences,
  from: string,
  to: string,
  { width = USUAL_WIDTH, most = USUAL_NAMES }: DiffLayout = {},
): string {
  const heading = styled('heading', shownText(`${from} → ${to}`))
  if (isSame) return `${heading}\n\nthe same bytes`
  const lines = [
    ...Object.entries(values).map(([name, value]) => describeValue(name as ComparedValue, value)),
    ...NAME_LISTS.flatMap((list) =>
      describeList(list, lists[list], definitions[list] ?? {}, { width, most }),
    ),
    ...warnings.added.map(({ message }) => describeWarning('+', message, width)),
    ...warnings.removed.map(({ message }) => describeWarning('-', message, width)),
    ...describeGaps(lists, width),
    ...(definitionsUnread === undefined
      ? []
      : [
          styled(
            'quiet',
            wrapText(`old and new text are not shown: ${shownText(definitionsUnread, 500)}`, { width }),
          ),
        ]),
  ]
  if (lines.length === 0) return `${heading}\n\nthe same in all that is compared; trained at another time`
  return [heading, '', ...lines].join('\n')
}

function describeValue(name: ComparedValue, { from, to }: ValueDifference): string {
  const isSize = name === 'size' || name === 'unpackedSize'
  const shown = [from, to].map((value) => {
    if (value === null) return 'none'
    return typeof value === 'number' && isSize ? readableSize(value) : shownText(value.toString())
  })
  return `${VALUE_NAMES[name].padEnd(NAME_WIDTH)}${shown.join(' → ')}`
}

function describeList(
  name: NameList,
  { from, to, added, removed, changed, isReordered }: ListDifference,
  definitions: Readonly<Record<string, ChangedDefinition>>,
  { width, most }: Required<DiffLayout>,
): string[] {
  const differing = [
    ...describeNames('+', 'added', added, { width, most }),
    ...describeNames('-', 'removed', removed, { width, most }),
    ...describeChanged(changed ?? [], definitions, { width, most }),
  ]
  if (differing.length === 0 && !isReordered) return []
  const counts = from === to ? `${to ?? 'unknown'}` : `${from ?? 'unknown'} → ${to ?? 'unknown'}`
  return [`${name.padEnd(NAME_WIDTH)}${counts}${isReordered ? ', in another order' : ''}`, ...differing]
}

function describeNames(
  sign: string,
  style: 'added' | 'removed' | 'changed',
  names: readonly string[],
  { width, most }: Required<DiffLayout>,
): string[] {
  if (names.length === 0) return []
  const shown = names.slice(0, most).map((name) => shownText(name))
  const more = names.length > most ? `, and ${names.length - most} more (--all)` : ''
  const text = wrapText(shown.join(', ') + more, { first: `  ${sign} `, indent: '    ', width })
  return [styled(style, text)]
}

/** What is defined otherwise: with its old and new lines where they are known, else by its name. */
function describeChanged(
  changed: readonly string[],
  definitions: Readonly<Record<string, ChangedDefinition>>,
  layout: Required<DiffLayout>,
): string[] {
  const shown = changed
    .filter((name) => Object.hasOwn(definitions, name))
    .slice(0, layout.most === Infinity ? Infinity : MOST_DEFINITIONS)
  const others = changed.filter((name) => !shown.includes(name))
  return [
    ...shown.flatMap((name) => [
      styled('changed', `  ~ ${shownText(name)}`),
      ...describeLines(definitions[name] ?? { before: '', after: '' }, layout),
    ]),
    ...describeNames('~', 'changed', others, layout),
  ]
}

function describeLines(
  { before, after }: ChangedDefinition,
  { width, most }: Required<DiffLayout>,
): string[] {
  const lines = changedLines(before, after)
  const shown = lines.slice(0, most === Infinity ? Infinity : MOST_LINES)
  const more = lines.length - shown.length
  // What all of them are indented by tells nothing.
  const margin = Math.min(...shown.map(({ line }) => indentOf(line)))
  return [
    ...shown.map(({ sign, line }) => {
      const indent = ' '.repeat(indentOf(line) - margin)
      const text = wrapText(shownText(line.trimStart(), 2000), {
        first: `      ${sign} ${indent}`,
        indent: `        ${indent}`,
        width,
      })
      return styled(sign === '+' ? 'added' : 'removed', text)
    }),
    ...(more > 0
      ? [styled('quiet', `        and ${more} more ${more === 1 ? 'line' : 'lines'} (--all)`)]
      : []),
  ]
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

function describeWarning(sign: '+' | '-', message: string, width: number): string {
  const text = wrapText(`${sign === '+' ? 'warning' : 'no longer'}: ${shownText(message, 2000)}`, {
    first: `${sign} `,
    indent: '  ',
    width,
  })
  return styled(sign === '+' ? 'warning' : 'quiet', text)
}

/** What could not be compared, so that nobody takes silence for sameness. */
function describeGaps(lists: Record<NameList, ListDifference>, width: number): string[] {
  const named = (wanted: (list: ListDifference) => boolean): string =>
    NAME_LISTS.filter((list) => wanted(lists[list])).join(', ')
  const unknown = named(({ compared }) => compared === 'none')
  const partly = named(({ compared }) => compared === 'part')
  const areDefinitionsMissing = NAME_LISTS.some(
    (list) => lists[list].changed === null && lists[list].compared !== 'none',
  )
  return [
    ...(unknown === '' ? [] : [`not compared, since one of the archives does not name them: ${unknown}`]),
    ...(partly === '' ? [] : [`only the first names were compared, since there are too many: ${partly}`]),
    ...(areDefinitionsMissing
      ? [
          'changes inside of responses, slots and the like are not shown: an earlier Slipway published one of the releases',
        ]
      : []),
  ].map((text) => styled('quiet', wrapText(text, { width })))
}
