import { useSignal } from '@preact/signals'
import type { TrustedSigner } from '../../protocol/signature.ts'

/** Names somebody whose signature shall count: by a public key, or by an identity that an issuer vouches for. */
export function SignerForm({ add }: { add: (signer: TrustedSigner) => void }) {
  const kind = useSignal<'key' | 'identity'>('key')
  const key = useSignal('')
  const identity = useSignal('')
  const issuer = useSignal('https://token.actions.githubusercontent.com')
  return (
    <form
      class="promote"
      onSubmit={(event) => {
        event.preventDefault()
        add(
          kind.value === 'key'
            ? { key: `${key.value.trim()}\n` }
            : { identity: identity.value.trim(), issuer: issuer.value.trim() },
        )
      }}
    >
      <label class="field">
        A signature counts by
        <select
          value={kind.value}
          onChange={(event) => {
            kind.value = event.currentTarget.value === 'identity' ? 'identity' : 'key'
          }}
        >
          <option value="key">a public key</option>
          <option value="identity">an identity</option>
        </select>
      </label>
      {kind.value === 'key' ? (
        <label class="field wide">
          Public key <span class="faint">in PEM: EC of P-256, P-384 or P-521</span>
          <textarea
            rows={4}
            required
            maxLength={4000}
            placeholder="-----BEGIN PUBLIC KEY-----"
            value={key.value}
            onInput={(event) => {
              key.value = event.currentTarget.value
            }}
          />
        </label>
      ) : (
        <>
          <label class="field wide">
            Identity <span class="faint">a regular expression that the whole identity must match</span>
            <input
              type="text"
              required
              maxLength={500}
              value={identity.value}
              onInput={(event) => {
                identity.value = event.currentTarget.value
              }}
            />
          </label>
          <label class="field wide">
            Issuer <span class="faint">who vouches for it</span>
            <input
              type="text"
              required
              maxLength={500}
              value={issuer.value}
              onInput={(event) => {
                issuer.value = event.currentTarget.value
              }}
            />
          </label>
        </>
      )}
      <button type="submit" aria-haspopup="dialog">
        Require it…
      </button>
    </form>
  )
}
