import type { StoreSettings } from '../../../storage/store-settings.ts'
import type { SharedStorage } from '../../coordination/server-group.ts'

/** Where a server keeps archives, as all who keep them there say it, whatever they call the host of the bucket. */
export function sharedStorage(settings: StoreSettings): SharedStorage {
  if (settings.kind === 'filesystem') return { name: 'files of one machine', isShared: false }
  const bucket =
    settings.kind === 'azure'
      ? `container ${settings.container} of ${settings.accountName}`
      : `bucket ${settings.bucket}`
  const folder = settings.folder === undefined ? '' : `, folder ${settings.folder}`
  return { name: `${settings.kind} ${bucket}${folder}`, isShared: true }
}
