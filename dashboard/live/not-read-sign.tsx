import { usePage } from '../page/context.ts'
import { clockTimeWithSeconds } from '../text/moment.ts'

/** Says why the server cannot be read, where it answers that it cannot: the database may be away, and what a page shows is what was. */
export function NotReadSign() {
  const liveness = usePage().liveness.value
  if (liveness.kind !== 'stale' || liveness.reason === undefined) return null
  return (
    <p class="warning" role="alert">
      This is how it was at {clockTimeWithSeconds(liveness.since)}. {liveness.reason}
    </p>
  )
}
