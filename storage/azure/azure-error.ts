import {
  BucketFull,
  isStoreError,
  ObjectChanged,
  ObjectNotFound,
  StoreMisconfigured,
  StoreUnavailable,
} from '../object-store.ts'
import type { AzureSettings } from '../store-settings.ts'

interface Details {
  errorCode?: string
}

/** An error of the Azure SDK in the words of the port; `key` is the object it was about, if any. */
export function toAzureStoreError(error: unknown, settings: AzureSettings, key?: string): unknown {
  // Of a request within a request.
  if (!(error instanceof Error) || isStoreError(error)) return error
  const { statusCode: status, ...rest } = error as { code?: string; statusCode?: number; details?: Details }
  // An answer to HEAD has no body: its code stands in a header, which the SDK keeps among the details.
  const code = rest.code ?? rest.details?.errorCode ?? error.name
  const misconfigured = (what: string): StoreMisconfigured =>
    new StoreMisconfigured(`${what} (${code})`, { cause: error })

  if (code === 'ContainerNotFound') {
    return misconfigured(
      `there is no container "${settings.container}": check ${settings.bucketSetting ?? 'AZURE_CONTAINER'}`,
    )
  }
  if (code === 'InvalidResourceName') {
    return misconfigured(
      `no container can have this name: check ${settings.bucketSetting ?? 'AZURE_CONTAINER'}`,
    )
  }
  if (code === 'ENOTFOUND') {
    // A wrong account, or name servers that do not answer: only time tells, so it is worth repeating.
    return new StoreUnavailable(
      `no address is known for the account "${settings.accountName}": check AZURE_ACCOUNT_NAME, SLIPWAY_AZURE_ENDPOINT_URL and the network`,
      { cause: error },
    )
  }
  if (status === 401 || status === 403) {
    return misconfigured(
      `the account "${settings.accountName}" does not let us in: check AZURE_ACCOUNT_NAME, AZURE_ACCOUNT_KEY and the clock`,
    )
  }
  if (status === 404 && key !== undefined) return new ObjectNotFound(key)
  if (key !== undefined && (status === 412 || code === 'BlobAlreadyExists')) return new ObjectChanged(key)
  if (code === 'AccountIsDisabled' || code === 'InsufficientAccountPermissions') {
    return misconfigured(`the account "${settings.accountName}" may not be used that way: check its rights`)
  }
  if (status === 507) return new BucketFull(`the account is full (${code})`, { cause: error })
  if (isTransient(code, status, error)) {
    const at = settings.endpointUrl ?? settings.accountName
    return new StoreUnavailable(`Azure at ${at} cannot be used now (${code})`, { cause: error })
  }
  return error
}

function isTransient(code: string, status: number | undefined, error: Error): boolean {
  // Damaged on its way; blocks that another writer's commit swept away.
  if (code === 'Md5Mismatch' || code === 'InvalidBlockList') return true
  if (status !== undefined) return status === 408 || status === 409 || status === 429 || status >= 500
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
}
