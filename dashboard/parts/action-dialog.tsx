import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { withCondition, withInsistence, withReason, type Action } from '../actions/action.ts'
import { commandLine, curlCommand } from '../actions/command-line.ts'
import { refusalInWords } from '../actions/refusal-in-words.ts'
import { ApiProblem, type Api } from '../api/api.ts'
import { Copy } from './copy.tsx'
import { TextField } from './text-field.tsx'
import { useForeseen } from './use-foreseen.ts'

/** What the dialog needs from the page. */
export interface DialogProps {
  action: Action
  /** The address of the server, with a slash at its end. */
  server: string
  /** Says what the action will do, and what it is decided on. */
  api: Api
  /** Does it, and resolves to the answer; rejects with what the reader is told. */
  act: (action: Action) => Promise<unknown>
  close: () => void
}

/** Says what an action will do, and the calls that do the same; does it when the reader says so. */
export function ActionDialog({ action, server, api, act, close }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const reason = useSignal('')
  const problem = useSignal('')
  const isBusy = useSignal(false)
  const isInsisting = useSignal(false)
  const revealed = useSignal<string | null>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const { says: foreseen, condition } = useForeseen(action, api, problem)
  const insisted = isInsisting.value ? withInsistence(action) : action
  const chosen = withCondition(withReason(insisted, reason.value), condition)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    isBusy.value = true
    problem.value = ''
    act(chosen).then(
      (answer) => {
        if (action.reveal === undefined) dialog.current?.close()
        else revealed.value = action.reveal(answer)
      },
      (error: unknown) => {
        isBusy.value = false
        problem.value = refusalInWords(error)
        if (error instanceof ApiProblem && error.code === action.insist?.code) isInsisting.value = true
      },
    )
  }
  const closeDialog = (): void => {
    dialog.current?.close()
  }
  if (revealed.value !== null) {
    return (
      <dialog ref={dialog} class="action" aria-labelledby="action-title" onClose={close}>
        <Revealed title={action.done} secret={revealed.value} close={closeDialog} />
      </dialog>
    )
  }
  return (
    <dialog ref={dialog} class="action" aria-labelledby="action-title" onClose={close}>
      <form method="dialog" onSubmit={submit}>
        <h2 id="action-title">{action.title}</h2>
        <div class="says" aria-live="polite">
          {action.says.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          {foreseen === 'waiting' && <p class="faint">Asking the server what it would do…</p>}
          {typeof foreseen !== 'string' && foreseen.map((sentence) => <p key={sentence}>{sentence}</p>)}
        </div>
        {action.takesReason && (
          <TextField
            label="Reason, kept in the history"
            hint="(optional)"
            name="reason"
            maxLength={1000}
            autocomplete="off"
            text={reason}
          />
        )}
        {problem.value !== '' && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={closeDialog}>
            Cancel
          </button>
          <button
            type="submit"
            class={chosen.tone}
            disabled={isBusy.value || foreseen === 'waiting' || foreseen === 'undecided'}
          >
            {chosen.label}
          </button>
        </div>
        <details class="same">
          <summary>The same from a terminal</summary>
          {chosen.command !== null && <Copy label="slipway command" text={commandLine(chosen.command)} />}
          <Copy label="curl command" text={curlCommand(chosen.call, server)} />
        </details>
      </form>
    </dialog>
  )
}

/** A secret that the server tells once. */
function Revealed({ title, secret, close }: { title: string; secret: string; close: () => void }) {
  return (
    <>
      <h2 id="action-title">{title}</h2>
      <p>Copy it now: it is not shown again.</p>
      <Copy label="the secret" text={secret} />
      <div class="buttons">
        <button type="button" class="help" onClick={close}>
          Close
        </button>
      </div>
    </>
  )
}
