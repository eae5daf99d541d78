import type { TrustedPublisher } from '../access/oidc/trusted-publisher.ts'

/** Questions about trusted publishers. */
export interface TrustReader {
  /** All of them, by name: at most some hundred. */
  listTrustedPublishers(): Promise<TrustedPublisher[]>
}

/** Changes of trusted publishers. */
export interface TrustWriter {
  /** @throws DomainError `trust-exists` where another one has the name. */
  insertTrustedPublisher(publisher: TrustedPublisher): Promise<void>
  /** @returns whether there was one of that name. */
  deleteTrustedPublisher(name: string): Promise<boolean>
}
