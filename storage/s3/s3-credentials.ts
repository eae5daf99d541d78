import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { answeredWithin } from '../answered-within.ts'
import { CredentialsUnavailable, StoreMisconfigured, StoreUnavailable } from '../object-store.ts'
import { statusOf } from './http-status.ts'
import type { S3Sdk } from './s3-connection.ts'

type Credentials = NonNullable<S3ClientConfig['credentials']>

/**
 * What the SDK finds where no keys are set: profiles, web identity, the role of the machine. The services that give them
 * may be away for a moment, which the SDK reports as if there were none, or waits for without end.
 */
export function credentialsOfMachine(
  sdk: S3Sdk,
  config: Pick<S3ClientConfig, 'region' | 'logger'>,
  answerTimeout: number,
): Credentials {
  const find = new sdk.S3Client({ ...config, maxAttempts: 1 }).config.credentials
  return async (properties) => {
    try {
      return await answeredWithin(answerTimeout / 2, 'the service that gives credentials', find(properties))
    } catch (error) {
      throw explain(error)
    }
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message } = error
  const reason = error instanceof StoreUnavailable ? message : `${name}: ${message}`
  const status = statusOf(error)
  if (status !== undefined && refusals.includes(status) && !passing.includes(name)) {
    return new StoreMisconfigured(
      `no credentials are given for the role: check AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE (${reason})`,
      { cause: error },
    )
  }
  if ('syscall' in error && error.syscall === 'open') {
    return new StoreMisconfigured(`a file with credentials cannot be read: check its name (${reason})`, {
      cause: error,
    })
  }
  if (isMistake(error)) {
    return new StoreMisconfigured(
      `there are no valid credentials: check AWS_PROFILE and the addresses that the environment names (${reason})`,
      { cause: error },
    )
  }
  return new CredentialsUnavailable(
    'there are no credentials now: where no profile and no role of this machine gives them, set AWS_ACCESS_KEY_ID and ' +
      `AWS_SECRET_ACCESS_KEY (${reason})`,
    { cause: error },
  )
}

/** Statuses by which the token service says that it understood, and gives nothing. */
const refusals = [400, 401, 403]

/** What it says with these statuses of faults that pass: of itself, of whom it asks, of a file that is just being renewed. */
const passing = ['IDPCommunicationError', 'ExpiredTokenException', 'Throttling', 'ThrottlingException']

/**
 * Whether the SDK ends its search at an error as at a mistake in a profile, or an address that is no URL. Its last word, that
 * nobody gave anything, is the same whether nothing is set or a service did not answer; and after a service at another
 * address than its own it says that such an address would not do.
 */
function isMistake(error: Error): boolean {
  const isFinal = 'tryNextLink' in error && error.tryNextLink === false
  const isOfService =
    error.message.startsWith('Could not load credentials') ||
    error.message.includes('container metadata service')
  return error instanceof TypeError || (isFinal && !isOfService)
}
