import type { JSX } from 'preact'
import { usePage } from '../page/context.ts'

/**
 * A button that does nothing without the script of the page. It can be pressed from when that runs: a press before would be
 * lost, and a form would be sent as if there were no script, which loads the page anew without what was typed.
 */
export function ScriptButton({ disabled = false, class: look, ...rest }: ScriptButtonProps) {
  const { isAwake } = usePage()
  const classes = [look, isAwake.value ? '' : 'soon'].filter(Boolean).join(' ')
  return <button {...rest} class={classes} disabled={disabled || !isAwake.value} />
}

type ScriptButtonProps = Omit<JSX.IntrinsicElements['button'], 'class' | 'disabled'> & {
  class?: string
  disabled?: boolean
}
