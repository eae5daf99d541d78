import { addressOf } from '../page/address-of.ts'
import { usePage } from '../page/context.ts'

/** Leads to what differs between two releases of a model. It works without a script. */
export function CompareForm({ model, from, to }: { model: string; from: number; to: number }) {
  const { root } = usePage()
  return (
    <form class="compare" method="get" action={`${root}${addressOf.model(model)}/compare`}>
      <label>
        Compare release <input type="number" name="from" min={1} required value={from} />
      </label>
      <label>
        with <input type="number" name="to" min={1} required value={to} />
      </label>
      <button type="submit">Compare</button>
    </form>
  )
}
