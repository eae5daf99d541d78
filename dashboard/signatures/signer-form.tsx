import { useSignal } from '@preact/signals'
import type { TrustedSigner } from '../../protocol/signature.ts'
import { ChoiceField } from '../parts/choice-field.tsx'
import { LongTextField, TextField } from '../parts/text-field.tsx'
import { ScriptButton } from '../parts/script-button.tsx'

const KINDS = [
  ['key', 'a public key'],
  ['identity', 'an identity'],
] as const

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
      <ChoiceField label="A signature counts by" choices={KINDS} chosen={kind} />
      {kind.value === 'key' ? (
        <LongTextField
          label="Public key"
          hint="in PEM: EC of P-256, P-384 or P-521"
          isWide
          rows={4}
          required
          maxLength={4000}
          placeholder="-----BEGIN PUBLIC KEY-----"
          text={key}
        />
      ) : (
        <>
          <TextField
            label="Identity"
            hint="a regular expression that the whole identity must match"
            isWide
            required
            maxLength={500}
            text={identity}
          />
          <TextField label="Issuer" hint="who vouches for it" isWide required maxLength={500} text={issuer} />
        </>
      )}
      <ScriptButton type="submit" aria-haspopup="dialog">
        Require it…
      </ScriptButton>
    </form>
  )
}
