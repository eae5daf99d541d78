import type { Model } from '../../protocol/model.ts'
import type { TrustedSigner } from '../../protocol/signature.ts'
import type { Tag } from '../../protocol/tag.ts'
import { changeDefaultTag, changeSignatures, type ModelBase } from '../actions/change-model.ts'
import { deleteModel } from '../actions/delete-model.ts'
import { addressOf } from '../page/address-of.ts'
import { useMay, usePage } from '../page/context.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { ChoiceField } from '../parts/choice-field.tsx'
import { Facts } from '../parts/facts.tsx'
import { useDraft } from '../parts/use-draft.ts'
import { To } from '../parts/to.tsx'
import { requirementInWords, signerInWords } from '../signatures/signature-in-words.ts'
import { SignerForm } from '../signatures/signer-form.tsx'
import { QuotaForm } from './quota-form.tsx'
import { quotaInWords, quotaUse } from './quota-words.ts'
import { ScriptButton } from '../parts/script-button.tsx'

interface ModelSettingsProps {
  model: Model
  tags: readonly Tag[]
  entityTag: string | null
}

/** What holds for a model as a whole, and how that is changed. */
export function ModelSettings({ model, tags, entityTag }: ModelSettingsProps) {
  const { signatures, defaultTag } = model
  const base = { model: model.model, entityTag }
  return (
    <section aria-labelledby="settings-title">
      <h2 id="settings-title">Settings</h2>
      <Facts
        items={[
          [
            'Polls without a tag mean',
            <To key="tag" href={addressOf.tag(model.model, defaultTag)}>
              {defaultTag}
            </To>,
          ],
          [
            'Signatures',
            <>
              <p>{requirementInWords(signatures)}</p>
              {signatures !== null && (
                <ul class="plain">
                  {signatures.require.map((signer) => (
                    <li key={JSON.stringify(signer)}>
                      <code>{signerInWords(signer)}</code>
                    </li>
                  ))}
                </ul>
              )}
            </>,
          ],
          [
            'Quota',
            `${model.model} may have ${[quotaInWords(model.quota), quotaUse(model)].filter(Boolean).join('; it has ')}.`,
          ],
        ]}
      />
      {useMay('manage', { model: model.model }) && (
        <details class="needs-script names">
          <summary>Edit the settings</summary>
          <DefaultTagForm model={model} tags={tags} entityTag={entityTag} />
          <SignaturesForm base={base} signatures={signatures} />
          <QuotaForm model={model} base={base} />
          <div class="buttons">
            <ActionButton
              action={deleteModel(
                base,
                model,
                tags.map(({ tag }) => tag),
              )}
            />
          </div>
        </details>
      )}
    </section>
  )
}

function DefaultTagForm({ model: { model, defaultTag }, tags, entityTag }: ModelSettingsProps) {
  const { confirm } = usePage()
  const chosen = useDraft(defaultTag)
  return (
    <form
      class="promote"
      onSubmit={(event) => {
        event.preventDefault()
        confirm(changeDefaultTag({ model, entityTag }, defaultTag, chosen.value))
      }}
    >
      <ChoiceField
        label="Polls without a tag mean"
        choices={tags.map(({ tag }) => [tag, tag] as const)}
        chosen={chosen}
      />
      <ScriptButton type="submit" aria-haspopup="dialog" disabled={chosen.value === defaultTag}>
        Change the default tag…
      </ScriptButton>
    </form>
  )
}

function SignaturesForm({ base, signatures }: { base: ModelBase; signatures: Model['signatures'] }) {
  const { confirm } = usePage()
  const signers = signatures?.require ?? []
  const when = signatures?.when ?? 'always'
  const require = (next: readonly TrustedSigner[], nextWhen: 'always' | 'executable' = when): void => {
    confirm(changeSignatures(base, next.length === 0 ? null : { require: [...next], when: nextWhen }))
  }
  const other = when === 'always' ? 'executable' : 'always'
  return (
    <>
      {signers.length > 0 && (
        <ul class="plain signers">
          {signers.map((signer, index) => (
            <li key={JSON.stringify(signer)}>
              <code>{signerInWords(signer)}</code>{' '}
              <ScriptButton
                type="button"
                class="small danger"
                aria-haspopup="dialog"
                aria-label={`Count no more: ${signerInWords(signer)}`}
                onClick={() => {
                  require(signers.filter((_, place) => place !== index))
                }}
              >
                Count no more…
              </ScriptButton>
            </li>
          ))}
          <li>
            <ScriptButton
              type="button"
              class="small"
              aria-haspopup="dialog"
              onClick={() => {
                require(signers, other)
              }}
            >
              {other === 'executable'
                ? 'Require it only of archives that can run code…'
                : 'Require it of every archive…'}
            </ScriptButton>
          </li>
        </ul>
      )}
      <SignerForm
        add={(signer) => {
          require([...signers, signer])
        }}
      />
    </>
  )
}
