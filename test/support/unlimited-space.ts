import { VolumeSpace } from '../../server/releases/volume-space.ts'

/** A volume on which everything fits. */
export function unlimitedSpace(): VolumeSpace {
  return new VolumeSpace(() => Promise.resolve(undefined), 0)
}
