import { NAME_LISTS, type ArchiveFacts } from '../../archives/archive-facts.ts'
import type { ComparedArchive } from '../../archives/differences/archive-differences.ts'
import { loadingWarnings } from '../../archives/differences/loading-warnings.ts'
import { shownText } from '../../protocol/shown-text.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { styled } from './style.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { USUAL_WIDTH, wrapText } from './wrap-text.ts'

const NAME_WIDTH = 12

const TRAINED = {
  nlu: 'NLU alone',
  core: 'Core alone',
  both: 'NLU and Core',
  'end-to-end': 'end to end',
} as const

/** How a description is laid out. */
export interface ArchiveLayout {
  /** Columns. */
  width?: number
  /** Names of one list that are shown at most. */
  most?: number
}

/** One line of a description, broken and indented: `size        14.5 kB, …`. */
export function describeField(name: string, text: string, width = USUAL_WIDTH): string {
  return wrapText(shownText(text, 100_000), {
    first: name.padEnd(NAME_WIDTH),
    indent: ' '.repeat(NAME_WIDTH),
    width,
  })
}

/** What an archive is, as people read it: its size, what trained it, what it names. */
export function describeArchive(
  { digest, size, facts }: ComparedArchive,
  { width = USUAL_WIDTH, most = 20 }: ArchiveLayout = {},
): string[] {
  const field = (name: string, text: string): string => describeField(name, text, width)
  return [
    field('digest', digest),
    field(
      'size',
      `${readableSize(size)}, unpacked ${readableSize(facts.unpackedSize)}, ${facts.members} files`,
    ),
    field('trained', describeTraining(facts)),
    ...NAME_LISTS.toReversed().flatMap((list) => {
      const names = facts[list] ?? []
      const count = facts.cut?.[list] ?? names.length
      if (count === 0) return []
      const rest =
        count > Math.min(most, names.length) ? ` and ${count - Math.min(most, names.length)} more` : ''
      return [field(list, `${count}: ${names.slice(0, most).join(', ')}${rest}`)]
    }),
  ]
}

/** What somebody should know before a bot loads an archive. */
export function describeWarnings({ facts, size }: ComparedArchive, width = USUAL_WIDTH): string[] {
  const warnings = [...facts.warnings, ...loadingWarnings(facts, size)].map(({ message }) => message)
  const accepted = (facts.accepted ?? []).map(({ message }) => `published although ${message}`)
  return [...accepted, ...warnings].map((message) =>
    styled('warning', wrapText(`warning: ${shownText(message, 2000)}`, { indent: '  ', width })),
  )
}

function describeTraining({ trainedAt, rasaVersion, language, trainingType, format }: ArchiveFacts): string {
  return [
    ...(trainedAt === undefined ? [] : [readableTime(trainedAt)]),
    `by Rasa ${rasaVersion ?? (format === 2 ? '1 or 2' : 'of an unknown version')}`,
    ...(language === undefined ? [] : [`language ${language}`]),
    ...(trainingType === undefined ? [] : [TRAINED[trainingType]]),
  ].join(', ')
}
