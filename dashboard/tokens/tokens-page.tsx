import type { Page as List } from '../../protocol/page.ts'
import type { Token } from '../../protocol/token.ts'
import { withQuery, addressOf } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { ActionButtons } from '../parts/action-button.tsx'
import { Columns } from '../parts/columns.tsx'
import { Empty } from '../parts/empty.tsx'
import { Pager } from '../parts/pager.tsx'
import { Age, Time } from '../parts/time.tsx'
import { revokeTokens, rotateToken } from '../actions/tokens.ts'
import { TokenForm } from './token-form.tsx'

/** The tokens that let people, CI and bots in, without their secrets. */
export const tokensPage: Page<List<Token>> = {
  path: 'dashboard/tokens',
  menu: 'tokens',
  title: () => 'Tokens',
  load: (api, { query }) => api.get(withQuery('api/v1/tokens', { limit: '100', cursor: query['cursor'] })),
  view({ items, next }, { query }) {
    return (
      <>
        <h1>Tokens</h1>
        <TokenForm />
        {items.length === 0 ? (
          <Empty title="No token has been made yet">
            <p>
              A token has a name, which stands as author with all that it does, and allows only what it is
              made for: one for CI, one for each group of bots, one for each person on call. Those of the
              settings stay good.
            </p>
          </Empty>
        ) : (
          <table class="rows">
            <Columns
              of={['Token', 'Allows', 'Made', 'Used last', 'Good until', { name: 'Actions', isUnseen: true }]}
            />
            <tbody>
              {items.map((token) => (
                <TokenRow key={token.id} token={token} />
              ))}
            </tbody>
          </table>
        )}
        <Pager path={addressOf.tokens()} query={query} next={next} />
      </>
    )
  },
  concerns: () => false,
}

function TokenRow({ token }: { token: Token }) {
  const { name, state, allow, createdAt, createdBy, lastUsedAt, expiresAt, revokedAt, subject } = token
  return (
    <tr>
      <th scope="row">
        {name}
        {state !== 'active' && <span class={state === 'replaced' ? 'note' : 'note bad'}>{state}</span>}
        {subject !== null && <div class="faint">{subject}</div>}
      </th>
      <td data-label="Allows">
        {allow.map((grant) => (
          <div key={grant}>
            <code>{grant}</code>
          </div>
        ))}
      </td>
      <td data-label="Made" class="name">
        <Time at={createdAt} /> by {createdBy}
      </td>
      <td data-label="Used last">
        {lastUsedAt === null ? <span class="faint">never</span> : <Age at={lastUsedAt} />}
      </td>
      <td data-label="Good until">
        {revokedAt !== null ? (
          <>
            revoked <Time at={revokedAt} />
          </>
        ) : expiresAt === null ? (
          'no end'
        ) : (
          <Time at={expiresAt} />
        )}
      </td>
      <td>
        {state === 'active' && (
          <div class="buttons">
            <ActionButtons actions={[rotateToken(name), revokeTokens(name)]} />
          </div>
        )}
      </td>
    </tr>
  )
}
