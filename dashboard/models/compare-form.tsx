import { addressOf } from '../page/address-of.ts'
import { usePage } from '../page/context.ts'

/**
 * Leads to what differs between two releases of a model. It works without a script. Its fields, as those of each form
 * that the browser sends, have default values: a `value` would be set again whenever the page is drawn, over what is being typed.
 */
export function CompareForm({ model, from, to }: { model: string; from: number; to: number }) {
  const { root } = usePage()
  return (
    <form class="compare" method="get" action={`${root}${addressOf.model(model)}/compare`}>
      <label>
        Compare release <input type="number" name="from" min={1} required defaultValue={from} />
      </label>
      <label>
        with <input type="number" name="to" min={1} required defaultValue={to} />
      </label>
      <button type="submit">Compare</button>
    </form>
  )
}
