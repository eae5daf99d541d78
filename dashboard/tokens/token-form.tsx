import { useSignal } from '@preact/signals'
import { makeToken } from '../actions/tokens.ts'
import { usePage } from '../page/context.ts'
import { ChoiceField } from '../parts/choice-field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { ScriptButton } from '../parts/script-button.tsx'

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
  const days = useSignal<(typeof LIVES)[number][0]>('90')
  return (
    <form
      class="needs-script promote"
      onSubmit={(event) => {
        event.preventDefault()
        const grants = allow.value.split(/[\s,]+/).filter((grant) => grant !== '')
        confirm(makeToken(name.value.trim(), grants, days.value === '' ? null : Number(days.value)))
      }}
    >
      <TextField
        label="Name"
        required
        pattern="[a-z0-9][a-z0-9._\-]{0,63}"
        title="Small letters, digits, dots, hyphens and underscores"
        placeholder="ci-support"
        text={name}
      />
      <TextField
        label="Allows"
        hint="pull, read, publish, promote, manage or admin; limited to models and tags if you like"
        isWide
        required
        placeholder="publish:support-* promote:*@staging"
        text={allow}
      />
      <ChoiceField label="Good for" choices={LIVES} chosen={days} />
      <ScriptButton type="submit" class="help" aria-haspopup="dialog">
        Make a token…
      </ScriptButton>
    </form>
  )
}
