import { error as errorOfBots, type FindingKind } from './finding-kind.ts'

function error(...about: Parameters<typeof errorOfBots>): FindingKind {
  return { ...errorOfBots(...about), concerns: 'publishing' }
}

/** What can happen to uploads. */
export const PUBLISH_FINDINGS = {
  'body-limit': error(
    'A proxy refuses uploads of this size: CI cannot publish.',
    'Raise the limit on bodies in the proxy.',
    {
      nginx: 'client_max_body_size 0;',
      Apache:
        'no rule on Content-Length; SecRequestBodyLimit of mod_security (LimitRequestBody does not count for what is passed on)',
      HAProxy: 'no rule on req.body_size or content-length',
      Caddy: 'no "request_body" with max_size',
      Squid: 'request_body_max_size 0',
      Envoy: 'no buffer filter with max_request_bytes',
    },
  ),
  'publish-refused': error(
    'The server does not let this token publish.',
    'Set SLIPWAY_TOKEN to a token with the permission to publish.',
  ),
  'publish-failed': error(
    'The upload did not get through.',
    'Look at the log of the proxy, and at its time limits.',
  ),
} as const satisfies Record<string, FindingKind>
