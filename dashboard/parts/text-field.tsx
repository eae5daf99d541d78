import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { Field, type FieldProps } from './field.tsx'

interface TextProps extends FieldProps {
  readonly text: Signal<string>
  readonly required?: boolean
  readonly maxLength?: number
  readonly placeholder?: string
}

interface TextFieldProps extends TextProps {
  readonly type?: 'text' | 'url' | 'number'
  readonly name?: string
  readonly list?: string
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly title?: string
  readonly autocomplete?: 'off'
  /** Behind the input: a list of suggestions. */
  readonly children?: ComponentChildren
}

/** A line of text with its label. */
export function TextField({ type = 'text', label, hint, isWide, text, children, ...input }: TextFieldProps) {
  return (
    <Field {...{ label, hint, isWide }}>
      <input
        type={type}
        {...input}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value
        }}
      />
      {children}
    </Field>
  )
}

/** Several lines of text with their label. */
export function LongTextField({ label, hint, isWide, text, ...area }: TextProps & { readonly rows: number }) {
  return (
    <Field {...{ label, hint, isWide }}>
      <textarea
        {...area}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value
        }}
      />
    </Field>
  )
}
