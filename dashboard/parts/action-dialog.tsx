import type { Action } from '../actions/action.ts'
import type { Api } from '../api/api.ts'
import { ActionForm } from './action-form.tsx'
import { Revealed } from './revealed.tsx'
import { useDoing } from './use-doing.ts'
import { useModal } from './use-modal.ts'

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

/** Has the reader confirm an action, and shows what came of it where that is more than a word. */
export function ActionDialog({ action, server, api, act, close }: DialogProps) {
  const doing = useDoing(action, act, () => {
    modal.close()
  })
  const modal = useModal(doing.isBusy, close)
  return (
    <dialog {...modal.props} class="action" aria-labelledby="action-title">
      {doing.secret === null ? (
        <ActionForm doing={doing} server={server} api={api} cancel={modal.close} />
      ) : (
        <Revealed title={action.done} secret={doing.secret} close={modal.close} />
      )}
    </dialog>
  )
}
