import { InvalidArgumentError, Option } from 'commander'
import { jsonLine, shownText } from '../../protocol/shown-text.ts'
import type { ApiClient } from '../api/api-client.ts'
import type { KnownMovedTag } from '../api/known-schemas.ts'
import { EXIT } from './exit-code.ts'
import { waitingHelp } from './waiting-help.ts'
import { positiveSeconds } from './option-values.ts'
import { print } from './print.ts'
import { usageError } from './usage-error.ts'
import { waitForRollout } from './wait-for-rollout.ts'

/** An hour: as long as a step may take without another bot that loaded the release. */
const DEFAULT_SECONDS = 3600

/** Columns of a terminal that does not say how many it has. */
const USUAL_WIDTH = 80

/** Moves to the beginning of the line and clears it. */
const LINE_START = '\r\u001b[K'

/** `--wait[=SECONDS]`. Its value is milliseconds, or true where none was said. */
export function waitOption(): Option {
  return new Option(
    '--wait [seconds]',
    `wait until the bots run it, for ${DEFAULT_SECONDS} s at most, or --wait=SECONDS`,
  ).argParser((text: string) => {
    // In "--wait shop@production 7" the tag would be the value.
    if (!/^\d/.test(text)) throw new InvalidArgumentError('Expected seconds: --wait=600.')
    return positiveSeconds(text)
  })
}

/** What `--wait` came to: milliseconds, or true; undefined where it was not given. */
export type WaitOption = number | true | undefined

/** For a dry run. @throws PullFailure `configuration` where `--wait` was given */
export function refuseWait(wait: WaitOption): void {
  if (wait !== undefined)
    throw usageError('--dry-run and --wait cannot be combined: a dry run starts no rollout')
}

/**
 * Waits as `--wait` says, and tells how far it is: in place on a terminal, else a line each time that it changes, on
 * standard error.
 *
 * @param release What the bots shall run in the end.
 * @returns the exit code
 */
export async function waitAsAsked(
  client: ApiClient,
  tag: KnownMovedTag,
  {
    release,
    wait,
    json,
    signal,
  }: { release: number; wait: number | true; json: boolean; signal: AbortSignal },
): Promise<number> {
  const atMost = wait === true ? DEFAULT_SECONDS * 1000 : wait
  const { stderr } = process
  const show = (line: string): void => {
    stderr.write(
      stderr.isTTY
        ? `${LINE_START}${shownText(line, (stderr.columns > 0 ? stderr.columns : USUAL_WIDTH) - 1)}`
        : `${shownText(line)}\n`,
    )
  }
  let end
  try {
    end = await waitForRollout(client, { tag, release, atMost, signal, onProgress: show })
  } finally {
    if (stderr.isTTY) stderr.write(LINE_START)
  }
  const { code, sentence, rollout } = end
  if (json && rollout !== undefined) print(jsonLine(rollout))
  else if (code === EXIT.done) print(shownText(`${tag.model}@${tag.tag}: ${sentence}`, 2000))
  if (code !== EXIT.done) {
    console.error(shownText(`error: ${tag.model}@${tag.tag}: ${sentence}`, 2000))
    for (const line of rollout === undefined ? [] : waitingHelp(rollout)) console.error(line)
  }
  return code
}
