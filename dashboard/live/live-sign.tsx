import { usePage } from '../page/context.ts'
import { clockTimeWithSeconds, utcWhole } from '../text/moment.ts'

/** Says whether the page follows what happens, and since when it does not. */
export function LiveSign() {
  const liveness = usePage().liveness.value
  switch (liveness.kind) {
    case 'asleep':
      return (
        <span class="live asleep" role="status">
          As it was when loaded
        </span>
      )
    case 'live':
      return (
        <span class="live on" role="status">
          Live
        </span>
      )
    case 'stale':
      return (
        <span class="live off" role="status" title={utcWhole(liveness.since)}>
          Not live since {clockTimeWithSeconds(liveness.since)}; trying again
        </span>
      )
    case 'refused':
      return (
        <span class="live off" role="status">
          Not live: <a href="">sign in again</a>
        </span>
      )
  }
}
