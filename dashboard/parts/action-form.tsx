import { useSignal } from '@preact/signals'
import { withCondition, withDecision, withReason } from '../actions/action.ts'
import { commandLine, curlCommand } from '../actions/command-line.ts'
import type { Api } from '../api/api.ts'
import { Copy } from './copy.tsx'
import { RefusalNote } from './refusal-note.tsx'
import { TextField } from './text-field.tsx'
import type { Doing } from './use-doing.ts'
import { useForeseen, type Foreseen } from './use-foreseen.ts'
import { useIsNew } from './use-is-new.ts'

interface ActionFormProps {
  doing: Doing
  /** The address of the server, with a slash at its end. */
  server: string
  /** Says what the action will do, and what it is decided on. */
  api: Api
  cancel: () => void
}

/** Says what an action will do, and the calls that do the same; has it done when the reader says so. */
export function ActionForm({
  doing: { isBusy, refusal, next, start },
  server,
  api,
  cancel,
}: ActionFormProps) {
  const reason = useSignal('')
  const foreseen = useForeseen(next, api)
  // After some refusals the same button does more: a second press was not meant for that.
  const isNew = useIsNew(next.label)
  const decided = withDecision(next, foreseen.decision)
  const chosen = withCondition(withReason(decided, reason.value), foreseen.condition)
  const isWaiting = isBusy.value || isNew || foreseen.says === 'waiting'
  return (
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault()
        start(chosen)
      }}
    >
      <h2 id="action-title">{next.title}</h2>
      <Says says={next.says} foreseen={foreseen.says} />
      {next.takesReason && (
        <TextField
          label="Reason, kept in the history"
          hint="(optional)"
          name="reason"
          maxLength={1000}
          autocomplete="off"
          text={reason}
        />
      )}
      {refusal !== null && <RefusalNote refusal={refusal} />}
      {refusal === null && foreseen.refusal !== null && (
        <RefusalNote refusal={foreseen.refusal} askAgain={foreseen.askAgain} />
      )}
      <div class="buttons">
        <button type="button" onClick={cancel} disabled={isBusy.value}>
          Cancel
        </button>
        <button
          type="submit"
          class={isWaiting ? `${next.tone} soon` : next.tone}
          disabled={isWaiting || foreseen.says === 'undecided'}
        >
          {next.label}
        </button>
      </div>
      <details class="same">
        <summary>The same from a terminal</summary>
        {chosen.command !== null && <Copy label="slipway command" text={commandLine(chosen.command)} />}
        <Copy label="curl command" text={curlCommand(chosen.call, server)} />
      </details>
    </form>
  )
}

function Says({ says, foreseen }: { says: readonly string[]; foreseen: Foreseen['says'] }) {
  return (
    <div class="says" aria-live="polite">
      {says.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {foreseen === 'waiting' && <p class="faint">Asking the server what it would do…</p>}
      {typeof foreseen !== 'string' && foreseen.map((sentence) => <p key={sentence}>{sentence}</p>)}
    </div>
  )
}
