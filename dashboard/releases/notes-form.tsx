import type { Action } from '../actions/action.ts'
import { useMay, usePage } from '../page/context.ts'
import { useDraft } from '../parts/use-draft.ts'
import { LongTextField } from '../parts/text-field.tsx'
import { ScriptButton } from '../parts/script-button.tsx'

/** Changes the notes of a release. */
export function NotesForm({
  model,
  notes,
  edit,
}: {
  model: string
  notes: string
  edit: (notes: string) => Action
}) {
  const { confirm } = usePage()
  const text = useDraft(notes)
  if (!useMay('manage', { model })) return null
  return (
    <details class="needs-script names">
      <summary>Edit the notes</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          confirm(edit(text.value))
        }}
      >
        <LongTextField label="Notes" rows={4} maxLength={10_000} text={text} />
        <ScriptButton type="submit">Save the notes</ScriptButton>
      </form>
    </details>
  )
}
