import type { Quota } from '../../protocol/quota.ts'
import type { SignaturePolicy } from '../../protocol/signature.ts'
import { readSigners } from '../../signatures/trusted-signers.ts'
import { DomainError } from '../errors/errors.ts'
import type { SignatureDependencies } from './check-signature.ts'
import { findModelOrRefuse } from './find-or-refuse.ts'
import type { Model } from './model.ts'
import { changeDefaultTag } from './set-default-tag.ts'
import type { TagMover } from './tag-mover.ts'

/** What shall be changed of a model; what is undefined stays. */
export interface ModelEdit {
  defaultTag?: string | undefined
  /** null: no signature is required any more. */
  signatures?: SignaturePolicy | null | undefined
  /** Throws where the model is not as who changes it last saw it; undefined: it may be as it likes. */
  requireExpected?: ((model: Model) => void) | undefined
  /** null: nothing limits it any more. What it has beyond it already, stays. */
  quota?: Quota | null | undefined
}

/**
 * Changes the settings of a model, all of them or none. Releases that are there stay as they are, whatever signatures are required
 * from now on.
 *
 * @param by Who says so.
 * @throws DomainError `signatures-invalid`, and what {@link changeDefaultTag} throws.
 */
export async function editModel(
  dependencies: SignatureDependencies & { tagMover: TagMover },
  model: string,
  { defaultTag, signatures, quota, requireExpected }: ModelEdit,
  by: string,
): Promise<Model> {
  const policy = signatures === undefined ? undefined : usablePolicy(dependencies, signatures)
  return dependencies.tagMover.changeTags(model, async (change) => {
    const found = await findModelOrRefuse(change.catalog, model)
    requireExpected?.(found)
    if (defaultTag !== undefined) await changeDefaultTag(change, model, defaultTag, by)
    if (policy !== undefined) await change.catalog.setSignatures(model, policy)
    if (quota !== undefined) await change.catalog.setQuota(model, usableQuota(quota))
    return findModelOrRefuse(change.catalog, model)
  })
}

/** What limits nothing is none. */
function usableQuota(quota: Quota | null): Quota | null {
  return quota === null || (quota.bytes === null && quota.releases === null) ? null : quota
}

function usablePolicy(
  { trustedRoots }: SignatureDependencies,
  policy: SignaturePolicy | null,
): SignaturePolicy | null {
  if (policy === null || policy.require.length === 0) return null
  try {
    const signers = readSigners(policy.require)
    if (trustedRoots.length === 0 && signers.some(({ kind }) => kind === 'identity')) {
      throw new Error(
        'an identity is proved by a certificate, and this server knows no authority for these: set SLIPWAY_TRUSTED_ROOT',
      )
    }
    return policy
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DomainError('signatures-invalid', `No archive could be checked by that: ${reason}.`)
  }
}
