import { useSignal } from '@preact/signals'
import type { Tag } from '../../protocol/tag.ts'
import { promote } from '../actions/promote.ts'
import { useMay, usePage } from '../page/context.ts'
import { ChoiceField } from '../parts/choice-field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { ScriptButton } from '../parts/script-button.tsx'

/** How careful a promotion is, in words of the reader; the tag's own policy unless chosen otherwise. */
const PACES = [
  ['policy', "As the tag's policy says", undefined],
  ['canary', 'First 1 bot, then all', { steps: [1, '100%'] }],
  [
    'careful',
    'First 1 bot, then 25 %, then all; 10 minutes between',
    { steps: [1, '25%', '100%'], soak: 600 },
  ],
  ['one', 'One bot at a time', { steps: ['100%'], maxUpdating: 1 }],
  ['now', 'All at once', { steps: ['100%'] }],
] as const

interface PromoteFormProps {
  model: string
  /** Which release; undefined: the reader says. */
  release?: number
  tags: readonly Tag[]
  /** The tag that stands there first. */
  tag?: string
  isQuarantined?: boolean
}

/** Chooses tag and pace of a promotion; what it will come to is told before anything is done. */
export function PromoteForm({ model, release, tags, tag, isQuarantined = false }: PromoteFormProps) {
  const { confirm } = usePage()
  const movable = tags.filter(({ tag }) => tag !== 'latest')
  const chosenTag = useSignal(tag ?? movable[0]?.tag ?? 'production')
  const chosenRelease = useSignal(release === undefined ? '' : String(release))
  const pace = useSignal<string>('policy')
  if (!useMay('promote', { model, tag })) return <p class="faint">Your token does not let you promote.</p>
  return (
    <form
      class="needs-script promote"
      onSubmit={(event) => {
        event.preventDefault()
        const policy = PACES.find(([name]) => name === pace.value)?.[2]
        confirm(
          promote({
            model,
            tag: chosenTag.value.trim(),
            release: Number(chosenRelease.value),
            force: isQuarantined,
            ...(policy === undefined ? {} : { policy }),
          }),
        )
      }}
    >
      {release === undefined && (
        <TextField label="Release" type="number" min={1} required text={chosenRelease} />
      )}
      {tag === undefined && (
        <TextField
          label="Tag"
          list="tags-of-model"
          required
          pattern="[a-z0-9][a-z0-9._\-]{0,63}"
          title="Small letters, digits, dots, hyphens and underscores; a new name makes a new tag"
          text={chosenTag}
        >
          <datalist id="tags-of-model">
            {movable.map(({ tag: name }) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </TextField>
      )}
      <ChoiceField label="Pace" choices={PACES} chosen={pace} />
      <ScriptButton type="submit" class="help" aria-haspopup="dialog">
        Promote…
      </ScriptButton>
    </form>
  )
}
