import type { Action } from '../actions/action.ts'
import { targetOf } from '../actions/target-of.ts'
import { useMay, usePage } from '../page/context.ts'
import { ScriptButton } from './script-button.tsx'

/** The button of an action: it opens what the action will do; nothing is done yet. Without the right there is none. */
export function ActionButton({ action }: { action: Action }) {
  const { confirm } = usePage()
  if (!useMay(action.permission, targetOf(action))) return null
  return (
    <ScriptButton
      type="button"
      class={`needs-script ${action.tone}`}
      aria-haspopup="dialog"
      onClick={() => {
        confirm(action)
      }}
    >
      {action.label}
    </ScriptButton>
  )
}

/** The buttons of several actions. */
export function ActionButtons({ actions }: { actions: readonly Action[] }) {
  return (
    <>
      {actions.map((action) => (
        <ActionButton key={action.title} action={action} />
      ))}
    </>
  )
}
