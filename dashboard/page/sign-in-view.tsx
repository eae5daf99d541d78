import { usePage } from './context.ts'
import { Logo } from './frame.tsx'

/** Where a token is given, which the browser sends along from then on. It works without a script. */
export function SignInView({
  next,
  refused,
  version,
}: {
  next: string
  refused: string | null
  version: string
}) {
  const { root } = usePage()
  return (
    <main class="sign-in">
      <h1>
        <Logo />
        Slipway
      </h1>
      <form method="post" action={`${root}dashboard/sign-in`}>
        <input type="hidden" name="next" value={next} />
        <label class="field">
          Token
          <input
            type="password"
            name="token"
            required
            autocomplete="current-password"
            autofocus
            aria-describedby={refused === null ? 'token-hint' : 'token-hint token-refused'}
            aria-invalid={refused !== null}
          />
        </label>
        {refused !== null && (
          <p class="problem" id="token-refused" role="alert">
            {refused}
          </p>
        )}
        <p class="faint" id="token-hint">
          The one that CI publishes with (<code>SLIPWAY_PUBLISH_TOKEN</code>), or one that was made for you.
          It stays in a cookie that pages cannot read, until the browser is closed or you sign out.
        </p>
        <button type="submit" class="help">
          Sign in
        </button>
      </form>
      <p class="faint">
        A model repository for Rasa, version {version}. Bots need no sign-in here: they poll{' '}
        <code>models/{'{model}@{tag}'}</code>. <a href={`${root}docs`}>API reference</a>,{' '}
        <a href={`${root}openapi.json`}>OpenAPI document</a>.
      </p>
    </main>
  )
}
