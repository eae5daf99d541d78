import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { withReason, type Action } from '../actions/action.ts'
import { commandLine, curlCommand } from '../actions/command-line.ts'
import { Copy } from './copy.tsx'

/** What the dialog needs from the page. */
export interface DialogProps {
  action: Action
  /** The address of the server, with a slash at its end. */
  server: string
  /** Asks the server what the action will do. */
  foresee: () => Promise<readonly string[]>
  /** Does it, and resolves to the answer; rejects with what the reader is told. */
  act: (action: Action) => Promise<unknown>
  close: () => void
}

/** Says what an action will do, and the calls that do the same; does it when the reader says so. */
export function ActionDialog({ action, server, foresee, act, close }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const reason = useSignal('')
  const foreseen = useSignal<readonly string[] | 'waiting' | 'none'>(
    action.foresee === undefined ? 'none' : 'waiting',
  )
  const problem = useSignal('')
  const isBusy = useSignal(false)
  const revealed = useSignal<string | null>(null)
  useEffect(() => {
    dialog.current?.showModal()
    if (action.foresee === undefined) return
    foresee().then(
      (sentences) => {
        foreseen.value = sentences
      },
      (error: unknown) => {
        foreseen.value = 'none'
        problem.value = messageOf(error)
      },
    )
  }, [])
  const chosen = withReason(action, reason.value)
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
        problem.value = messageOf(error)
      },
    )
  }
  const foreseenNow = foreseen.value
  if (revealed.value !== null) {
    return (
      <dialog ref={dialog} class="action" aria-labelledby="action-title" onClose={close}>
        <h2 id="action-title">{action.done}</h2>
        <p>Copy it now: it is not shown again.</p>
        <Copy label="the secret" text={revealed.value} />
        <div class="buttons">
          <button type="button" class="help" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
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
          {foreseenNow === 'waiting' && <p class="faint">Asking the server what it would do…</p>}
          {typeof foreseenNow !== 'string' && foreseenNow.map((sentence) => <p key={sentence}>{sentence}</p>)}
        </div>
        {action.takesReason && (
          <label class="field">
            Reason, kept in the history <span class="faint">(optional)</span>
            <input
              type="text"
              name="reason"
              maxLength={1000}
              autocomplete="off"
              value={reason.value}
              onInput={(event) => {
                reason.value = event.currentTarget.value
              }}
            />
          </label>
        )}
        {problem.value !== '' && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={action.tone} disabled={isBusy.value || foreseenNow === 'waiting'}>
            {action.label}
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
