import { Copy } from './copy.tsx'

/** A secret that the server tells once. */
export function Revealed({ title, secret, close }: { title: string; secret: string; close: () => void }) {
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
