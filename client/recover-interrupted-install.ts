import type { InstallFolder } from './install/install-folder.ts'
import { REBUILT } from './install/load-state.ts'
import type { PullerOptions } from './puller-options.ts'
import type { RejectedArchives } from './rejected-archives.ts'

/** Brings what is remembered of a folder up to what an earlier process left in it, whenever it died. */
export async function recoverInterruptedInstall(
  folder: InstallFolder,
  rejected: RejectedArchives,
  { retryRefused, source, onNotice }: Pick<PullerOptions, 'retryRefused' | 'source' | 'onNotice'>,
): Promise<void> {
  if (retryRefused === true) folder.state.refused = []
  const { installed, pending } = folder.state
  if (pending !== undefined) {
    if ((await folder.locate(pending)) === undefined) await folder.dropPending()
    else if (rejected.find({ digest: pending.digest }) !== undefined) await folder.putBack()
  }
  if (installed?.source === REBUILT) {
    onNotice?.({
      code: 'state-rebuilt',
      message: `what was remembered of ${folder.paths.dir} was lost; ${installed.filename} is taken for installed`,
    })
    installed.source = source.key
  }
}
