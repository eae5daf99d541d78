import { byteSizeText } from '../../protocol/byte-size.ts'
import type { Model } from '../../protocol/model.ts'
import { changeQuota, type ModelBase } from '../actions/change-model.ts'
import { usePage } from '../page/context.ts'
import { useDraft } from '../parts/use-draft.ts'
import { TextField } from '../parts/text-field.tsx'
import { sizeIn } from './quota-words.ts'
import { ScriptButton } from '../parts/script-button.tsx'

/** Says how much a model may have. */
export function QuotaForm({ model, base }: { model: Model; base: ModelBase }) {
  const { confirm } = usePage()
  const { quota } = model
  const releases = useDraft(quota?.releases == null ? '' : String(quota.releases))
  const bytes = useDraft(quota?.bytes == null ? '' : byteSizeText(quota.bytes))
  const size = sizeIn(bytes.value)
  // What is no size would be no limit.
  const isSize = size !== undefined || bytes.value.trim() === ''
  const next = {
    releases: releases.value === '' ? null : Number(releases.value),
    bytes: size ?? null,
  }
  const isSame = next.releases === (quota?.releases ?? null) && next.bytes === (quota?.bytes ?? null)
  return (
    <form
      class="promote"
      onSubmit={(event) => {
        event.preventDefault()
        confirm(changeQuota(base, model, next))
      }}
    >
      <TextField
        label="Releases at most"
        hint="(empty: no limit)"
        type="number"
        min={1}
        max={1_000_000_000}
        text={releases}
      />
      <TextField
        label="Bytes at most"
        hint="such as 20G (empty: no limit)"
        pattern={SIZE}
        title="Bytes, such as 500M or 20G"
        text={bytes}
      />
      <ScriptButton type="submit" aria-haspopup="dialog" disabled={isSame || !isSize}>
        Change the quota…
      </ScriptButton>
    </form>
  )
}

/** What {@link sizeIn} reads. */
const SIZE = String.raw`\s*0*[1-9]\d{0,10}[kKmMgG]?\s*`
