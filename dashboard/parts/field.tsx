import type { ComponentChildren } from 'preact'

/** What stands beside an input of a form. */
export interface FieldProps {
  readonly label: string
  /** What there is to know before it is filled in, in small print. */
  readonly hint?: string
  /** Over the whole width of the form. */
  readonly isWide?: boolean
}

/** An input of a form with its label. */
export function Field({
  label,
  hint,
  isWide,
  children,
}: {
  [Name in keyof FieldProps]: FieldProps[Name] | undefined
} & { label: string; children: ComponentChildren }) {
  return (
    <label class={isWide === true ? 'field wide' : 'field'}>
      {label}
      {hint !== undefined && (
        <>
          {' '}
          <span class="faint">{hint}</span>
        </>
      )}
      {children}
    </label>
  )
}
