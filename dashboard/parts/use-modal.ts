import type { ReadonlySignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** A dialog that is over the page. */
export interface Modal {
  /** What the element is given. */
  readonly props: {
    readonly ref: RefObject<HTMLDialogElement | null>
    readonly onKeyDown: (event: KeyboardEvent) => void
    readonly onCancel: (event: Event) => void
    readonly onClose: () => void
  }
  /** Closes it: the button that opened it has the focus again. */
  readonly close: () => void
}

/**
 * Opens a dialog over the page.
 *
 * @param isBusy While it is, the reader cannot close it: what comes of it would be shown nowhere.
 * @param onClosed Told when it is closed.
 */
export function useModal(isBusy: ReadonlySignal<boolean>, onClosed: () => void): Modal {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    ref.current?.showModal()
  }, [])
  return {
    props: {
      ref,
      onKeyDown(event) {
        // The key that opened it is still held down.
        if (event.key === 'Enter' && event.repeat) event.preventDefault()
      },
      onCancel(event) {
        if (isBusy.value) event.preventDefault()
      },
      onClose() {
        // A second Escape closes it whatever the page says (HTML, close watchers).
        if (isBusy.value) ref.current?.showModal()
        else onClosed()
      },
    },
    close() {
      ref.current?.close()
    },
  }
}
