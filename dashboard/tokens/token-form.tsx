import { useSignal } from '@preact/signals'
import { makeToken } from '../actions/tokens.ts'
import { usePage } from '../page/context.ts'

const LIVES = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'a year'],
  ['', 'until it is revoked'],
] as const

/** Says what a new token shall be called and allow. */
export function TokenForm() {
  const { confirm } = usePage()
  const name = useSignal('')
  const allow = useSignal('')
  const days = useSignal<string>('90')
  return (
    <form
      class="needs-script promote"
      onSubmit={(event) => {
        event.preventDefault()
        const grants = allow.value.split(/[\s,]+/).filter((grant) => grant !== '')
        confirm(makeToken(name.value.trim(), grants, days.value === '' ? null : Number(days.value)))
      }}
    >
      <label class="field">
        Name
        <input
          type="text"
          required
          pattern="[a-z0-9][a-z0-9._\-]{0,63}"
          title="Small letters, digits, dots, hyphens and underscores"
          placeholder="ci-support"
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value
          }}
        />
      </label>
      <label class="field wide">
        Allows{' '}
        <span class="faint">
          pull, read, publish, promote, manage or admin; limited to models and tags if you like
        </span>
        <input
          type="text"
          required
          placeholder="publish:support-* promote:*@staging"
          value={allow.value}
          onInput={(event) => {
            allow.value = event.currentTarget.value
          }}
        />
      </label>
      <label class="field">
        Good for
        <select
          value={days.value}
          onChange={(event) => {
            days.value = event.currentTarget.value
          }}
        >
          {LIVES.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="help" aria-haspopup="dialog">
        Make a token…
      </button>
    </form>
  )
}
