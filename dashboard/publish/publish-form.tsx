import { useSignal } from '@preact/signals'
import type { Release } from '../../protocol/release.ts'
import { addressOf } from '../page/address-of.ts'
import { usePage } from '../page/context.ts'
import { LongTextField, TextField } from '../parts/text-field.tsx'
import { To } from '../parts/to.tsx'
import { readableSize } from '../../protocol/readable-size.ts'
import { ArchiveField } from './archive-field.tsx'
import { publishAddress } from './publish-address.ts'
import { sendArchive } from './send-archive.ts'
import { ScriptButton } from '../parts/script-button.tsx'

type Progress =
  | { readonly kind: 'choosing' }
  | { readonly kind: 'sending'; readonly sent: number }
  /** All bytes have gone; the server inspects them and makes them durable. */
  | { readonly kind: 'inspecting' }
  | { readonly kind: 'published'; readonly release: Release }
  | { readonly kind: 'failed'; readonly reason: string }

/** Publishes an archive, and says how far it is. */
export function PublishForm({ models, model: first }: { models: readonly string[]; model: string }) {
  const { root } = usePage()
  const file = useSignal<File | null>(null)
  const model = useSignal(first)
  const tag = useSignal('')
  const notes = useSignal('')
  const progress = useSignal<Progress>({ kind: 'choosing' })
  const isBusy = progress.value.kind === 'sending' || progress.value.kind === 'inspecting'

  const choose = (chosen: File | undefined): void => {
    if (chosen === undefined || isBusy) return
    file.value = chosen
    progress.value = { kind: 'choosing' }
  }
  const publish = (event: SubmitEvent): void => {
    event.preventDefault()
    const chosen = file.value
    if (chosen === null || isBusy) return
    progress.value = { kind: 'sending', sent: 0 }
    const address = publishAddress({
      model: model.value.trim(),
      tag: tag.value.trim(),
      notes: notes.value,
      filename: chosen.name,
    })
    sendArchive(root + address, chosen, (sent) => {
      progress.value = sent >= chosen.size ? { kind: 'inspecting' } : { kind: 'sending', sent }
    }).then(
      (release) => {
        progress.value = { kind: 'published', release }
        file.value = null
      },
      (error: unknown) => {
        progress.value = { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
      },
    )
  }
  return (
    <form class="publish needs-script" onSubmit={publish}>
      <ArchiveField file={file.value} isDisabled={isBusy} onChoose={choose} />
      <TextField
        label="Model"
        list="models"
        required
        pattern="[a-z0-9][a-z0-9._\-]{0,63}"
        title="Small letters, digits, dots, hyphens and underscores; a new name makes a new model"
        text={model}
      >
        <datalist id="models">
          {models.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </TextField>
      <TextField
        label="Promote to tag"
        hint="(optional; as the tag's policy says)"
        pattern="[a-z0-9][a-z0-9._\-]{0,63}"
        text={tag}
      />
      <LongTextField label="Notes" hint="(optional)" rows={3} maxLength={4000} text={notes} />
      <ScriptButton type="submit" class="help" disabled={file.value === null || isBusy}>
        Publish
      </ScriptButton>
      <Said progress={progress.value} whole={file.value?.size ?? 0} />
    </form>
  )
}

function Said({ progress, whole }: { progress: Progress; whole: number }) {
  switch (progress.kind) {
    case 'choosing':
      return null
    case 'sending':
      return (
        <p class="progress">
          <progress max={whole} value={progress.sent} aria-label="Sent so far" />{' '}
          {readableSize(progress.sent)} of {readableSize(whole)} sent
        </p>
      )
    case 'inspecting':
      return (
        <p class="progress" role="status">
          All is sent; the server inspects it and makes it durable…
        </p>
      )
    case 'published': {
      const { model, number } = progress.release
      return (
        <p class="calm" role="status">
          Published as{' '}
          <To href={addressOf.release(model, number)}>
            release {number} of {model}
          </To>
          .
        </p>
      )
    }
    case 'failed':
      return (
        <p class="problem" role="alert">
          Not published: {progress.reason}
        </p>
      )
  }
}
