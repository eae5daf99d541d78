import { readFile } from 'node:fs/promises'
import type * as googleAuth from 'google-auth-library'
import type { JWT } from 'google-auth-library'
import { loadSdk } from '../load-sdk.ts'
import { answeredWithin } from '../answered-within.ts'
import { defaultRetryPolicy } from '../bucket/retry-policy.ts'
import { CredentialsUnavailable, StoreMisconfigured, StoreUnavailable } from '../object-store.ts'
import type { GcsSettings } from '../store-settings.ts'

/** Gives the Authorization header of a request, fetching and keeping tokens as needed; undefined for none. */
export type Authorization = () => Promise<string | undefined>

/** How requests are authorised: by the key file, else by the machine's default credentials; not at all at an emulator. */
export async function googleAuthorization({
  endpointUrl,
  keyFile,
  retryPolicy = defaultRetryPolicy,
}: GcsSettings): Promise<Authorization> {
  if (endpointUrl !== undefined && keyFile === undefined) return () => Promise.resolve(undefined)
  const { JWT, ...google } = await loadSdk('google-auth-library', () => import('google-auth-library'))
  const key = keyFile === undefined ? undefined : await readKey(keyFile)
  const client = key
    ? withTokenUri(new JWT({ email: key.client_email, key: key.private_key, scopes }), key.token_uri)
    : undefined
  // Other kinds of credentials in that file (a person's, another cloud's) the library finds by the same variable.
  const headersOf = client ? () => client.getRequestHeaders() : headersOfMachine(google)
  return async () => {
    try {
      // The library waits without end for a metadata server that does not answer.
      const headers = await answeredWithin(
        retryPolicy.answerTimeout / 2,
        'the service of tokens',
        headersOf(),
      )
      return headers.get('authorization') ?? undefined
    } catch (error) {
      throw explain(error, keyFile === undefined)
    }
  }
}

const scopes = ['https://www.googleapis.com/auth/devstorage.read_write']

/** The headers of requests by the default credentials. The library keeps for ever that it found none: then it is asked anew. */
function headersOfMachine({
  GoogleAuth,
  gcpMetadata,
}: Pick<typeof googleAuth, 'GoogleAuth' | 'gcpMetadata'>): () => Promise<Headers> {
  let auth = new GoogleAuth({ scopes })
  return async () => {
    try {
      return await auth.getRequestHeaders()
    } catch (error) {
      gcpMetadata.resetIsAvailableCache()
      auth = new GoogleAuth({ scopes })
      throw error
    }
  }
}

interface ServiceAccountKey {
  type: string
  client_email: string
  private_key: string
  /** Where tokens are given; Google's own address where it is absent. */
  token_uri?: string
}

/** The library asks Google itself, whatever the key file says: a company may have tokens given elsewhere. */
function withTokenUri(client: JWT, tokenUri: string | undefined): JWT {
  if (tokenUri === undefined) return client
  if (!URL.canParse(tokenUri)) {
    throw new StoreMisconfigured(
      `the token_uri of the key file, "${tokenUri}", is no URL: check GOOGLE_APPLICATION_CREDENTIALS`,
    )
  }
  client.additionalClaims = { aud: tokenUri }
  client.transporter.interceptors.request.add({
    resolved: (request) => {
      request.url = new URL(tokenUri)
      return Promise.resolve(request)
    },
  })
  return client
}

async function readKey(keyFile: string): Promise<ServiceAccountKey | undefined> {
  try {
    const key = JSON.parse(await readFile(keyFile, 'utf8')) as ServiceAccountKey
    return key.type === 'service_account' ? key : undefined
  } catch (error) {
    throw new StoreMisconfigured(
      `the key file ${keyFile} cannot be read: check GOOGLE_APPLICATION_CREDENTIALS`,
      {
        cause: error,
      },
    )
  }
}

/**
 * @param isOfMachine whether no key file was named: the library then says that there are no credentials also where the metadata
 *   server of the machine did not answer in time
 */
function explain(error: unknown, isOfMachine: boolean): Error {
  if (error instanceof StoreUnavailable) return new CredentialsUnavailable(error.message, { cause: error })
  const { name, message, status, code } = error as Failure
  const isRefused = status !== undefined && status < 500 && status !== 408 && status !== 429
  const isNetwork =
    (typeof code === 'string' && /^(E(?!RR_)[A-Z]|UND_ERR)/.test(code)) ||
    ['TimeoutError', 'AbortError'].includes(name)
  if (isRefused || (status === undefined && !isNetwork && !isOfMachine)) {
    return new StoreMisconfigured(
      `there are no valid credentials: check GOOGLE_APPLICATION_CREDENTIALS (${message})`,
      { cause: error },
    )
  }
  const advice = isOfMachine
    ? ': where this machine has no credentials of its own, set GOOGLE_APPLICATION_CREDENTIALS'
    : ''
  return new CredentialsUnavailable(`Google gives no token now${advice} (${message})`, { cause: error })
}

interface Failure {
  name: string
  message: string
  status?: number
  code?: string | number
}
