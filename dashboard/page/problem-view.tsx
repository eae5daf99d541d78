import { To } from '../parts/to.tsx'
import { addressOf } from './address-of.ts'

/** What stands in place of a page that cannot be shown. */
export function ProblemView({ status, message }: { status: number; message: string }) {
  return (
    <section class="narrow">
      <h1>
        {status === 404 ? 'Not found' : status === 403 ? 'Not for this token' : 'It cannot be shown now'}
      </h1>
      <p>{message}</p>
      <p>
        <To href={addressOf.overview()}>Back to the overview</To>
      </p>
    </section>
  )
}
