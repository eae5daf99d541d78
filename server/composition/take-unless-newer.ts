import { ToolFailure } from '../tools/tool-failure.ts'

/**
 * Takes a backup; or leaves it, amid an upgrade of a group, to servers of the version that has changed the tables. Once none of them runs
 * any more nobody takes backups, which is to be told as a failure.
 *
 * @param leaveToNewer Has one of them do it. False: none runs.
 * @returns why it was left; undefined where it was taken, or none was due.
 * @throws what `take` throws, where it is not left.
 */
export async function takeUnlessNewer(
  take: () => Promise<void>,
  leaveToNewer: () => Promise<boolean>,
): Promise<string | undefined> {
  try {
    await take()
    return undefined
  } catch (error) {
    const isOfNewer = error instanceof ToolFailure && error.reason === 'newer-catalog'
    if (isOfNewer && (await leaveToNewer())) return error.message
    throw error
  }
}
