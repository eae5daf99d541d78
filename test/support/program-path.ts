import path from 'node:path'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')

/**
 * Where a program that tests start lies: bundled in the usual run of all tests, as its start takes half of the processor time
 * then (scripts/checks/bundle-programs.ts), and the sources themselves in every other run, also in CI.
 *
 * @param source Its path in the checkout: `server/main.ts`.
 */
export function programPath(source: string): string {
  const { TEST_PROGRAMS: bundles } = process.env
  return bundles === undefined
    ? path.join(CHECKOUT, source)
    : path.join(bundles, source.replace(/\.ts$/, '.mjs'))
}
