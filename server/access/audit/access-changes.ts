import type { CatalogWriter } from '../../catalog/catalog.ts'
import type { TrustedPublisher } from '../oidc/trusted-publisher.ts'
import type { TokenRecord } from '../token.ts'
import type { AuditState, NoteChange } from './audited-change.ts'
import type { IssuedTokens } from './issued-tokens.ts'

type Webhook = Parameters<CatalogWriter['updateWebhook']>[0]

/** Takes down who was let in, and who is told of what; never a secret. */
export function accessChanges(writer: CatalogWriter, issued: IssuedTokens, note: NoteChange) {
  return {
    insertToken: async (...args) => {
      const [, replaces] = args
      const token = await writer.insertToken(...args)
      const alsoIssued = token.subject === null ? 0 : issued.note(token.name, token.createdAt)
      if (alsoIssued === undefined) return token
      const after = {
        ...outlineOfToken(token),
        ...(replaces === undefined ? {} : { replaces }),
        // One publisher is the name already.
        ...(token.publishers.length > 1 ? { publishers: [...token.publishers] } : {}),
        ...(alsoIssued === 0 ? {} : { alsoIssued }),
      }
      note({ action: 'token.created', before: null, after, by: token.createdBy })
      return token
    },
    changeToken: async (...args) => {
      const [id, changes] = args
      const before = await writer.findToken(id)
      await writer.changeToken(...args)
      if (before === undefined) return
      const after = outlineOfToken({ ...before, ...changes })
      const change = { action: 'token.changed', before: outlineOfToken(before), after }
      note(changes.revokedBy == null ? change : { ...change, by: changes.revokedBy })
    },
    insertTrustedPublisher: async (...args) => {
      const [publisher] = args
      await writer.insertTrustedPublisher(...args)
      const after = outlineOfPublisher(publisher)
      note({ action: 'trust.added', before: null, after, by: publisher.createdBy })
    },
    deleteTrustedPublisher: async (...args) => {
      const [name] = args
      const found = (await writer.listTrustedPublishers()).find((publisher) => publisher.name === name)
      const isGone = await writer.deleteTrustedPublisher(...args)
      if (found !== undefined && isGone)
        note({ action: 'trust.removed', before: outlineOfPublisher(found), after: null })
      return isGone
    },
    insertWebhook: async (...args) => {
      const made = await writer.insertWebhook(...args)
      note({ action: 'webhook.added', before: null, after: outlineOfWebhook(made), by: made.createdBy })
      return made
    },
    updateWebhook: async (...args) => {
      const [webhook] = args
      const found = await writer.findWebhook(webhook.id)
      await writer.updateWebhook(...args)
      if (found === undefined) return
      const before = outlineOfWebhook(found)
      const isSecretNew = found.secret !== webhook.secret
      const after = { ...outlineOfWebhook(webhook), ...(isSecretNew ? { newSecret: true } : {}) }
      if (JSON.stringify(before) !== JSON.stringify(after)) note({ action: 'webhook.changed', before, after })
    },
    deleteWebhook: async (...args) => {
      const [id] = args
      const found = await writer.findWebhook(id)
      await writer.deleteWebhook(...args)
      if (found === undefined) return
      note({ action: 'webhook.removed', before: outlineOfWebhook(found), after: null })
    },
  } satisfies Partial<CatalogWriter>
}

/** Without its digest: nobody needs it to tell tokens apart. */
function outlineOfToken({ id, name, allow, subject, expiresAt, revokedAt }: TokenRecord): AuditState {
  return { token: id, name, allow: [...allow], subject, expiresAt, revokedAt }
}

function outlineOfPublisher({ name, issuer, audience, claims, allow }: TrustedPublisher): AuditState {
  return { publisher: name, issuer, audience, claims: { ...claims }, allow: [...allow] }
}

/** Of the address only the host: many services have the secret in the rest. */
function outlineOfWebhook({ id, name, url, format, events, models, enabled }: Webhook): AuditState {
  const host = URL.canParse(url) ? new URL(url).host : null
  return { webhook: id, name, host, format, events, models, enabled }
}
