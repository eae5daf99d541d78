/** `3.6.21`, `3.10.0.dev1`, `3.7.0b2`, `3.7.0rc1`, `3.6.21+local`: what Rasa has called its versions, by PEP 440. */
const VERSION = /^(\d{1,9}(?:\.\d{1,9})*)(?:[.-]?(dev|a|b|rc)(\d{1,9})?)?(?:\+.*)?$/i

/** What comes before a final version, the earliest first. */
const STAGES = ['dev', 'a', 'b', 'rc', 'final']

/**
 * Which of two versions of Rasa is the older one.
 *
 * @returns less than 0 where `a` is older, more than 0 where `b` is, 0 where neither; undefined where one of them is not a version.
 */
export function compareRasaVersions(a: string, b: string): number | undefined {
  const parsedA = parseVersion(a)
  const parsedB = parseVersion(b)
  if (parsedA === undefined || parsedB === undefined) return undefined
  return (
    compareNumbers(parsedA.numbers, parsedB.numbers) ||
    parsedA.stage - parsedB.stage ||
    parsedA.serial - parsedB.serial
  )
}

interface ParsedVersion {
  numbers: number[]
  /** Index in {@link STAGES}. */
  stage: number
  /** The 2 of `b2`. */
  serial: number
}

function parseVersion(version: string): ParsedVersion | undefined {
  const match = VERSION.exec(version)
  if (match === null) return undefined
  const [, numbers = '', stage = 'final', serial = '0'] = match
  return {
    numbers: numbers.split('.').map(Number),
    stage: STAGES.indexOf(stage.toLowerCase()),
    serial: Number(serial),
  }
}

/** A number that is absent is 0: 3.6 is 3.6.0. */
function compareNumbers(a: number[], b: number[]): number {
  const length = Math.max(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
