import type { Signal } from '@preact/signals'
import { Field } from './field.tsx'

/** One of a few values, each with its words. */
export function ChoiceField<Choice extends string>({
  label,
  choices,
  chosen,
}: {
  readonly label: string
  readonly choices: readonly (readonly [choice: Choice, words: string, ...rest: unknown[]])[]
  readonly chosen: Signal<Choice>
}) {
  return (
    <Field label={label}>
      <select
        value={chosen.value}
        onChange={(event) => {
          const { value } = event.currentTarget
          chosen.value = choices.find(([choice]) => choice === value)?.[0] ?? chosen.value
        }}
      >
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  )
}
