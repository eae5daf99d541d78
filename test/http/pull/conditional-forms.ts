/**
 * The forms that the conditional header fields of a pull take, each with what it must mean (RFC 9110 §13, §14), written
 * down by hand: an answer is expected from these words, and never by parsing a field a second time.
 */

export const DIGEST = '7c0a1f'.padEnd(64, '5')
const OTHER = '99b2d0'.padEnd(64, '4')
export const PROCESS = '0f8fad5bd9cb469fa16570867728950e'
export const SIZE = 1_000

/** A field as sent, or its absence, and what it says. */
export interface Form<Meaning> {
  name: string
  value?: string
  means: Meaning
}

/** Does `If-Match` hold? */
export const IF_MATCH: Form<'holds' | 'fails'>[] = [
  { name: 'no If-Match', means: 'holds' },
  { name: 'If-Match *', value: '*', means: 'holds' },
  { name: 'If-Match of the archive', value: `"${DIGEST}"`, means: 'holds' },
  { name: 'If-Match as made for a process', value: `"${DIGEST}.${PROCESS}"`, means: 'holds' },
  { name: 'If-Match that lists it last', value: `"${OTHER}", "${DIGEST}"`, means: 'holds' },
  { name: 'If-Match with empty list elements', value: `, ,"${DIGEST}",`, means: 'holds' },
  { name: 'If-Match of another', value: `"${OTHER}"`, means: 'fails' },
  { name: 'weak If-Match', value: `W/"${DIGEST}"`, means: 'fails' },
  { name: 'If-Match without quotes', value: DIGEST, means: 'fails' },
  { name: 'If-Match of a compressed one', value: `"${DIGEST}-gzip"`, means: 'fails' },
  { name: 'nonsense If-Match', value: '"', means: 'fails' },
]

/** Does `If-None-Match` say that the client has the archive? */
export const IF_NONE_MATCH: Form<'has it' | 'has not'>[] = [
  { name: 'no If-None-Match', means: 'has not' },
  { name: 'If-None-Match *', value: '*', means: 'has it' },
  { name: 'If-None-Match of the archive', value: `"${DIGEST}"`, means: 'has it' },
  { name: 'weak If-None-Match', value: `W/"${DIGEST}"`, means: 'has it' },
  { name: 'If-None-Match as made for a process', value: `"${DIGEST}.${PROCESS}"`, means: 'has it' },
  { name: 'If-None-Match without quotes', value: DIGEST, means: 'has it' },
  { name: 'If-None-Match of a compressed one', value: `"${DIGEST}-gzip"`, means: 'has it' },
  { name: 'If-None-Match that lists it', value: `"x", W/"${OTHER}" , "${DIGEST}"`, means: 'has it' },
  { name: 'If-None-Match of another', value: `"${OTHER}"`, means: 'has not' },
  { name: 'If-None-Match of a longer digest', value: `"${DIGEST}0"`, means: 'has not' },
  { name: 'bare name of a process', value: PROCESS, means: 'has not' },
  { name: 'empty If-None-Match', value: '', means: 'has not' },
  { name: 'nonsense If-None-Match', value: '"a", b"', means: 'has not' },
]

/** What `Range` asks for, of an archive of {@link SIZE} bytes. */
export const RANGE: Form<'nothing' | 'a part' | 'the impossible'>[] = [
  { name: 'no Range', means: 'nothing' },
  { name: 'Range of the first bytes', value: 'bytes=0-9', means: 'a part' },
  { name: 'Range of the last bytes', value: 'bytes=-10', means: 'a part' },
  { name: 'Range behind the end', value: `bytes=${SIZE}-`, means: 'the impossible' },
  { name: 'Range of nothing', value: 'bytes=-0', means: 'the impossible' },
  { name: 'two ranges', value: 'bytes=0-1,4-5', means: 'nothing' },
  { name: 'Range in another unit', value: 'lines=0-9', means: 'nothing' },
  { name: 'backward Range', value: 'bytes=9-0', means: 'nothing' },
]

/** Does `If-Range` allow a part? */
export const IF_RANGE: Form<'part' | 'whole'>[] = [
  { name: 'no If-Range', means: 'part' },
  { name: 'If-Range of the archive', value: `"${DIGEST}"`, means: 'part' },
  { name: 'If-Range as made for a process', value: `"${DIGEST}.${PROCESS}"`, means: 'part' },
  { name: 'weak If-Range', value: `W/"${DIGEST}"`, means: 'whole' },
  { name: 'If-Range of another', value: `"${OTHER}"`, means: 'whole' },
  { name: 'If-Range that lists', value: `"${DIGEST}", "${OTHER}"`, means: 'whole' },
  { name: 'If-Range *', value: '*', means: 'whole' },
  { name: 'If-Range without quotes', value: DIGEST, means: 'whole' },
  { name: 'If-Range with a date', value: 'Fri, 01 Jan 2100 00:00:00 GMT', means: 'whole' },
]

/** One request: a form of each field. */
export interface Combination {
  method: 'GET' | 'HEAD'
  ifMatch: (typeof IF_MATCH)[number]
  ifNoneMatch: (typeof IF_NONE_MATCH)[number]
  range: (typeof RANGE)[number]
  ifRange: (typeof IF_RANGE)[number]
}

/** Every combination of the given forms. */
export function* combinations(
  every: (form: Form<unknown>, index: number) => boolean = () => true,
): Generator<Combination> {
  for (const ifMatch of IF_MATCH.filter(every))
    for (const ifNoneMatch of IF_NONE_MATCH.filter(every))
      for (const range of RANGE.filter(every))
        for (const ifRange of IF_RANGE.filter(every))
          for (const method of ['GET', 'HEAD'] as const)
            yield { method, ifMatch, ifNoneMatch, range, ifRange }
}

/** What RFC 9110 §13.2.2 makes of a combination. */
export function expectedStatus({ method, ifMatch, ifNoneMatch, range, ifRange }: Combination): number {
  if (ifMatch.means === 'fails') return 412
  if (ifNoneMatch.means === 'has it') return 304
  if (method === 'HEAD' || range.means === 'nothing' || ifRange.means === 'whole') return 200
  return range.means === 'a part' ? 206 : 416
}

/** The header fields of a combination. */
export function fieldsOf({ ifMatch, ifNoneMatch, range, ifRange }: Combination): Record<string, string> {
  const fields: Record<string, string> = {}
  if (ifMatch.value !== undefined) fields['if-match'] = ifMatch.value
  if (ifNoneMatch.value !== undefined) fields['if-none-match'] = ifNoneMatch.value
  if (range.value !== undefined) fields['range'] = range.value
  if (ifRange.value !== undefined) fields['if-range'] = ifRange.value
  return fields
}

/** For people. */
export function describeCombination(combination: Combination): string {
  const { method, ifMatch, ifNoneMatch, range, ifRange } = combination
  return [method, ifMatch.name, ifNoneMatch.name, range.name, ifRange.name].join(', ')
}
