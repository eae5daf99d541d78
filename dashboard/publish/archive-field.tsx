import { useSignal } from '@preact/signals'
import { readableSize } from '../../protocol/readable-size.ts'

interface ArchiveFieldProps {
  /** The one that was chosen. */
  readonly file: File | null
  readonly isDisabled: boolean
  readonly onChoose: (file: File | undefined) => void
}

/** Takes a file by drag and drop, or from a file dialog. */
export function ArchiveField({ file, isDisabled, onChoose }: ArchiveFieldProps) {
  const isOver = useSignal(false)
  return (
    <label
      class={isOver.value ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        isOver.value = true
      }}
      onDragLeave={() => {
        isOver.value = false
      }}
      onDrop={(event) => {
        event.preventDefault()
        isOver.value = false
        onChoose(event.dataTransfer?.files[0])
      }}
    >
      <span>
        {file === null ? (
          <>
            <strong>Drop a trained archive here</strong>, or choose one: a <code>.tar.gz</code> as{' '}
            <code>rasa train</code> writes it
          </>
        ) : (
          <>
            <strong>{file.name}</strong>, {readableSize(file.size)}
          </>
        )}
      </span>
      <input
        type="file"
        accept=".gz,application/gzip"
        disabled={isDisabled}
        onChange={(event) => {
          onChoose(event.currentTarget.files?.[0])
        }}
      />
    </label>
  )
}
