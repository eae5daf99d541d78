import { error, type FindingKind } from './finding-kind.ts'

/** What the address can answer instead of an archive. */
export const ANSWER_FINDINGS = {
  'token-missing': error(
    'The server wants a token and got none that it knows.',
    'Set token: in endpoints.yml to the pull token; check that the proxy passes the query on.',
  ),
  'token-insufficient': error(
    'The token does not allow this model.',
    'Use a token with the permission to pull it.',
  ),
  'host-refused': error(
    'A server without tokens answers under the names of its own machine only, as any web page could send it others.',
    'Set SLIPWAY_PUBLISH_TOKEN on the server, and SLIPWAY_PULL_TOKEN or SLIPWAY_ANONYMOUS=pull.',
  ),
  filtered: error(
    'Something in front of the server refuses the request: its answer is not one of the server.',
    'Let User-Agent "Python/… aiohttp/…" pass, and requests without cookies.',
  ),
  'rate-limited': error(
    'Requests from this address are refused for now.',
    'Wait a minute; then look for limits on requests in the proxy, or for a wrong token that is sent over and over.',
  ),
  'nothing-published': error(
    'The address is right, and there is no release yet: a bot starts without a model and asks again.',
    'Publish a release, or move the tag to one.',
  ),
  'wrong-address': error(
    'There is no model at this address.',
    'Check path, model and tag: /models/{model}@{tag}.',
  ),
  'web-page': error(
    'A web page comes instead of an archive: a login page, or an error page of a proxy.',
    'Exempt /models/ from the login; open the address in a browser to see the page.',
  ),
  'server-failing': error(
    'The server, or the proxy for it, answers that it cannot now.',
    'Check that the server runs, and that the proxy has its right address.',
  ),
  'unexpected-status': error(
    'Rasa takes an archive from a 200 alone.',
    'Find out who answers this status, and why.',
  ),
} as const satisfies Record<string, FindingKind>
