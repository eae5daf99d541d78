import { runCommand } from './run-command.ts'

/** What a report of npm audit says, as far as it is looked at. */
interface Report {
  vulnerabilities?: Record<string, { severity: string; via: (string | { title: string; url: string })[] }>
}

/**
 * Asks the registry for known vulnerabilities of what is shipped; high and critical ones fail. Where nobody can be asked (no
 * network, a registry without audits) it says so and passes: the code is not worse for it.
 */
async function audit(): Promise<boolean> {
  const { output } = await runCommand([
    'npm',
    'audit',
    '--omit=dev',
    '--json',
    '--audit=true',
    '--loglevel=silent',
  ])
  const { vulnerabilities } = reportIn(output)
  if (vulnerabilities === undefined) {
    console.log('The registry cannot be asked for known vulnerabilities: not checked.')
    return true
  }
  const serious = Object.entries(vulnerabilities).filter(([, { severity }]) =>
    /^(?:high|critical)$/.test(severity),
  )
  for (const [name, { severity, via }] of serious) {
    const reasons = via.map((each) => (typeof each === 'string' ? each : `${each.title} (${each.url})`))
    console.log(`${name}, ${severity}: ${reasons.join('; ')}`)
  }
  return serious.length === 0
}

function reportIn(output: string): Report {
  try {
    return JSON.parse(output.slice(output.indexOf('{'))) as Report
  } catch {
    return {}
  }
}

if (!(await audit())) process.exitCode = 1
