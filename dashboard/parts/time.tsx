import { usePage } from '../page/context.ts'
import { age } from '../text/duration.ts'
import { localMoment, utcMoment, utcWhole } from '../text/moment.ts'

/** A moment in the reader's zone, with UTC when the pointer rests on it; in UTC where no script runs. */
export function Time({ at }: { at: string }) {
  const { isAwake, now } = usePage()
  return (
    <time dateTime={at} title={utcWhole(at)}>
      {isAwake.value ? localMoment(at, now.value) : utcMoment(at, now.value)}
    </time>
  )
}

/** How long ago a moment was, with UTC when the pointer rests on it. */
export function Age({ at }: { at: string }) {
  const { now } = usePage()
  return (
    <time dateTime={at} title={utcWhole(at)}>
      {age(at, now.value)}
    </time>
  )
}
