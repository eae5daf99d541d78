import type { ComponentChildren } from 'preact'

/** Names and values; those without a value are left out. */
export function Facts({ items }: { items: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  const known = items.filter(([, value]) => ![undefined, null, false, ''].includes(value as string))
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
