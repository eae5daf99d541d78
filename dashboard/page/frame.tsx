import type { ComponentChildren } from 'preact'
import { LiveSign } from '../live/live-sign.tsx'
import { NotReadSign } from '../live/not-read-sign.tsx'
import { To } from '../parts/to.tsx'
import { addressOf } from './address-of.ts'
import { usePage } from './context.ts'
import type { MenuEntry } from './page.ts'

const ENTRIES: readonly (readonly [
  entry: MenuEntry,
  label: string,
  href: string,
  permission: string | null,
])[] = [
  ['overview', 'Overview', addressOf.overview(), null],
  ['models', 'Models', addressOf.models(), null],
  ['bots', 'Bots', addressOf.bots(), null],
  ['rollouts', 'Rollouts', addressOf.rollouts(), null],
  ['publish', 'Publish', addressOf.publish(), 'publish'],
  ['webhooks', 'Webhooks', addressOf.webhooks(), 'admin'],
  ['tokens', 'Tokens', addressOf.tokens(), 'admin'],
  ['audit', 'Audit', addressOf.audit(), 'admin'],
]

/** What stands around every page: who and where one is, whether it is live, and where else to go. */
export function Frame({ menu, children }: { menu: MenuEntry | null; children: ComponentChildren }) {
  const { viewer, version } = usePage()
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <To href={addressOf.overview()} class="brand">
          <Logo />
          Slipway
        </To>
        <nav aria-label="Pages">
          <ul>
            {ENTRIES.filter(
              ([, , , permission]) => permission === null || viewer.maySomewhere.includes(permission),
            ).map(([entry, label, href]) => (
              <li key={entry}>
                <CurrentTo href={href} isCurrent={entry === menu}>
                  {label}
                </CurrentTo>
              </li>
            ))}
            <li>
              <To href={addressOf.api()}>API</To>
            </li>
          </ul>
        </nav>
        <div class="who">
          <LiveSign />
          <SignOut />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <NotReadSign />
        {children}
      </main>
      <footer class="foot">
        Slipway {version}. Signed in as {viewer.name}
        {viewer.maySomewhere.includes('promote') ? '' : ', to read only'}.
      </footer>
    </>
  )
}

function CurrentTo({ href, isCurrent, children }: { href: string; isCurrent: boolean; children: string }) {
  const { root } = usePage()
  return (
    <a href={root + href} aria-current={isCurrent ? 'page' : undefined}>
      {children}
    </a>
  )
}

function SignOut() {
  const { viewer, root } = usePage()
  if (!viewer.isSignedIn) return null
  return (
    <form method="post" action={`${root}dashboard/sign-out`}>
      <button type="submit" class="small">
        Sign out
      </button>
    </form>
  )
}

/** The icon of the server, beside its name. */
export function Logo() {
  const { root } = usePage()
  return <img class="logo" src={`${root}favicon.ico`} alt="" />
}
