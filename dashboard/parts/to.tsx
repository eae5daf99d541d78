import type { ComponentChildren } from 'preact'
import { usePage } from '../page/context.ts'

/** A link to a page. @param href Below the server's root. */
export function To({
  href,
  children,
  ...rest
}: {
  href: string
  children: ComponentChildren
  class?: string
  'aria-label'?: string
}) {
  const { root } = usePage()
  return (
    <a href={root + href} {...rest}>
      {children}
    </a>
  )
}
