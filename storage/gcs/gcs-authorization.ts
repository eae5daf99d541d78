import { readFile } from 'node:fs/promises'
import type { JWT } from 'google-auth-library'
import { loadSdk } from '../load-sdk.ts'
import { StoreMisconfigured, StoreUnavailable } from '../object-store.ts'
import type { GcsSettings } from '../store-settings.ts'

/** Gives the Authorization header of a request, fetching and keeping tokens as needed; undefined for none. */
export type Authorization = () => Promise<string | undefined>

/** How requests are authorised: by the key file, else by the machine's default credentials; not at all at an emulator. */
export async function googleAuthorization({ endpointUrl, keyFile }: GcsSettings): Promise<Authorization> {
  if (endpointUrl !== undefined && keyFile === undefined) return () => Promise.resolve(undefined)
  const { GoogleAuth, JWT } = await loadSdk('google-auth-library', () => import('google-auth-library'))
  const scopes = ['https://www.googleapis.com/auth/devstorage.read_write']
  const key = keyFile === undefined ? undefined : await readKey(keyFile)
  // Other kinds of credentials in that file (a person's, another cloud's) the library finds by the same variable.
  const client = key
    ? withTokenUri(new JWT({ email: key.client_email, key: key.private_key, scopes }), key.token_uri)
    : new GoogleAuth({ scopes })
  return async () => {
    try {
      const headers = await client.getRequestHeaders()
      return headers.get('authorization') ?? undefined
    } catch (error) {
      throw explain(error)
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

function explain(error: unknown): Error {
  const { message, status, code } = error as { message: string; status?: number; code?: string | number }
  const isAnswer = status !== undefined && status < 500 && status !== 429
  const isLocal = status === undefined && !(typeof code === 'string' && /^(E(?!RR_)[A-Z]|UND_ERR)/.test(code))
  return isAnswer || isLocal
    ? new StoreMisconfigured(
        `there are no valid credentials: check GOOGLE_APPLICATION_CREDENTIALS (${message})`,
        {
          cause: error,
        },
      )
    : new StoreUnavailable(`Google gives no token now (${message})`, { cause: error })
}
