import { afterThisTest } from './temporary-directory.ts'

/** Sets variables of this process for the current test, as libraries read them; undefined: not set. */
export function withEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  const set = (entries: Iterable<readonly [string, string | undefined]>): void => {
    for (const [name, value] of entries) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  }
  set(Object.entries(variables))
  afterThisTest(() => {
    set(before)
  })
}
