import { useSignal } from '@preact/signals'
import { ScriptButton } from './script-button.tsx'

/** A command to type elsewhere, with a button that copies it. */
export function Copy({ text, label }: { text: string; label: string }) {
  const copied = useSignal(false)
  const copy = (): void => {
    void copyText(text).then((succeeded) => {
      copied.value = succeeded
    })
  }
  return (
    <div class="copy">
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <ScriptButton type="button" class="small needs-script" onClick={copy} aria-label={`Copy: ${label}`}>
        {copied.value ? 'Copied' : 'Copy'}
      </ScriptButton>
    </div>
  )
}

/** Over plain HTTP browsers have no clipboard for pages: then the text can be selected and copied by hand. */
async function copyText(text: string): Promise<boolean> {
  if (!('clipboard' in navigator)) return false
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
