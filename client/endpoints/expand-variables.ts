/** What came of a scalar with variables in it. */
export type Expansion = { text: string } | { mistake: string }

/** Only scalars that look like this are expanded at all, and then the short form in them too (Rasa 3.6 shared/utils/io.py). */
const HAS_VARIABLE = /^.*\$\{.*\}.*$/
/** Python's os.path.expandvars. */
const VARIABLE = /\$(?:\{([^}]*)\}|(\w+))/g

/** Whether Rasa would take a plain scalar for one with variables. */
export function hasVariable(text: string): boolean {
  return HAS_VARIABLE.test(text)
}

/**
 * Expands `${NAME}`, and beside it `$NAME`, as Rasa does with plain scalars.
 *
 * An unset `${NAME}` is a mistake wherever it stands: Rasa refuses it as a whole word only, and leaves it in the
 * middle of a URL as it is.
 */
export function expandVariables(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Expansion {
  const unset: string[] = []
  const expanded = text.replace(
    VARIABLE,
    (whole, braced: string | undefined, bare: string | undefined, at: number) => {
      const value = environment[braced ?? bare ?? '']
      if (value !== undefined) return value
      const startsWord = at === 0 || /\s/.test(text[at - 1] ?? '')
      if (braced !== undefined || startsWord) unset.push(braced ?? bare ?? '')
      return whole
    },
  )
  const [first] = unset
  if (first === undefined) return { text: expanded }
  const name = /^\w+/.exec(first)?.[0]
  if (name !== undefined && name !== first) {
    return {
      mistake: `\${${first}} cannot be expanded: there are no defaults or other extras, write \${${name}}`,
    }
  }
  return { mistake: `the variable ${first} is not set` }
}
