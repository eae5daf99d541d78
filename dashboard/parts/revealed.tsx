import { Copy } from './copy.tsx'
import { useIsNew } from './use-is-new.ts'

/** A secret that the server tells once. */
export function Revealed({ title, secret, close }: { title: string; secret: string; close: () => void }) {
  // The second of two presses was meant for what made the secret.
  const isNew = useIsNew(title)
  return (
    <>
      <h2 id="action-title">{title}</h2>
      <p>Copy it now: it is not shown again.</p>
      <Copy label="the secret" text={secret} />
      <div class="buttons">
        <button type="button" class={isNew ? 'help soon' : 'help'} disabled={isNew} onClick={close}>
          Close
        </button>
      </div>
    </>
  )
}
