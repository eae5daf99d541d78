import type { PolicyFieldWords } from './policy-fields.ts'

/** One field of a policy, with what the server has to say against it. */
export function PolicyField({
  field: { name, label, hint, choices, isLong },
  value,
  mistake,
  change,
}: {
  field: PolicyFieldWords
  value: string
  mistake: string | null
  change: (text: string) => void
}) {
  const common = {
    name,
    value,
    'aria-invalid': mistake !== null,
    'aria-describedby': mistake === null ? `hint-${name}` : `hint-${name} mistake-${name}`,
  }
  return (
    <div class={isLong === true ? 'wide' : undefined}>
      <label class="field">
        {label}
        {choices !== undefined ? (
          <select
            {...common}
            onChange={(event) => {
              change(event.currentTarget.value)
            }}
          >
            {choices.map(([choice, words]) => (
              <option key={choice} value={choice}>
                {words}
              </option>
            ))}
          </select>
        ) : isLong === true ? (
          <textarea
            {...common}
            rows={2}
            onInput={(event) => {
              change(event.currentTarget.value)
            }}
          />
        ) : (
          <input
            {...common}
            type="text"
            autocomplete="off"
            onInput={(event) => {
              change(event.currentTarget.value)
            }}
          />
        )}
      </label>
      {hint !== '' && (
        <p class="hint" id={`hint-${name}`}>
          {hint}
        </p>
      )}
      {mistake !== null && (
        <p class="problem" id={`mistake-${name}`} role="alert">
          {mistake}
        </p>
      )}
    </div>
  )
}
