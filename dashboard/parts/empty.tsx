import type { ComponentChildren } from 'preact'

/** What stands where there is nothing yet: how it comes to be. */
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  )
}
