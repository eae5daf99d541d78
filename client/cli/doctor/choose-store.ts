import type { StoreTarget } from '../../doctor/diagnose-store.ts'
import type { CloudKind } from '../../../storage/read-store-settings.ts'
import { objectKey } from '../../sources/object-choice.ts'
import { openCloud } from '../open-cloud.ts'

/** An object store as the environment describes it. @throws PullFailure that names every variable which is wrong */
export async function chooseStore(
  cloud: CloudKind,
  model: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Omit<StoreTarget, 'signal' | 'rasaVersion'>> {
  const { store, hasFolder } = await openCloud(cloud, environment)
  return {
    store,
    key: model === undefined ? undefined : objectKey(model, hasFolder),
    address: addressOf(cloud, environment),
  }
}

/** Any address of the store: whatever it answers, its clock is in it. */
function addressOf(cloud: CloudKind, environment: NodeJS.ProcessEnv): URL | undefined {
  const region = environment['AWS_DEFAULT_REGION'] ?? environment['AWS_REGION'] ?? 'us-east-1'
  const account = environment['AZURE_ACCOUNT_NAME'] ?? ''
  const address = {
    aws: environment['AWS_ENDPOINT_URL'] ?? `https://s3.${region}.amazonaws.com`,
    gcs: environment['SLIPWAY_GCS_ENDPOINT_URL'] ?? 'https://storage.googleapis.com',
    azure: environment['SLIPWAY_AZURE_ENDPOINT_URL'] ?? `https://${account}.blob.core.windows.net`,
  }[cloud]
  return URL.canParse(address) ? new URL(address) : undefined
}
