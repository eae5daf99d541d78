/** What heads a column: its name, and how it differs from others. */
export interface Column {
  name: string
  /** Numbers stand at the right. */
  isNumber?: true
  /** Its name is for screen readers alone. */
  isUnseen?: true
}

/** The head of a table. */
export function Columns({ of: columns }: { of: readonly (string | Column)[] }) {
  return (
    <thead>
      <tr>
        {columns
          .map((column): Column => (typeof column === 'string' ? { name: column } : column))
          .map(({ name, isNumber, isUnseen }) => (
            <th key={name} scope="col" class={isNumber === true ? 'number' : undefined}>
              {isUnseen === true ? <span class="unseen">{name}</span> : name}
            </th>
          ))}
      </tr>
    </thead>
  )
}
