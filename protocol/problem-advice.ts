import type { ProblemCode } from './problem-table.ts'

/** What to do about each problem, in words for docs/problems.md and the page at /docs. */
export const PROBLEM_ADVICE = {
  // The request itself
  'bad-request': 'Look at `detail`; a program that writes HTTP by hand is the usual cause.',
  'invalid-parameter': 'Look at `detail` for the parameter, and at /docs for what it takes.',
  'invalid-name': 'Use 1 to 64 characters of a-z, 0-9, ".", "_" and "-", with a letter or digit first.',
  'invalid-body': 'Look at `detail` for the field, and at /docs for what the address takes.',
  'not-found': 'Check the address against /docs: letter case and a slash at the end matter.',
  'method-not-allowed': 'Use one of the methods that `Allow` lists.',
  'precondition-failed':
    'Read it again, and decide again; where you sent an entity tag, send the one that it has now.',
  'range-not-satisfiable': 'Ask for a part within the length that `Content-Range` says.',
  'media-type-unsupported': 'Send `Content-Type: application/json`.',
  'content-encoding-unsupported': 'Send the bytes as they are, without `Content-Encoding`.',
  'slow-client': 'Send again over a better connection; under 10 kB/s for 30 s is cut.',
  'headers-too-large': 'Keep header fields and query under 16 KiB together.',

  // Authentication and origin
  'token-required': 'Send a token: as Bearer token, as password, or on GET and HEAD as `?token=`.',
  'token-insufficient':
    'Send a token that allows what `needs` says, or have an admin make one: `slipway token create NAME --allow …`.',
  'identity-invalid':
    'Look at `detail` for the claim; an identity token is good for minutes only: get a new one.',
  'identity-untrusted': 'Look at `detail` for the claim, and compare it with `slipway trust list`.',
  'issuer-unavailable': 'Try again after `Retry-After`; the server must reach the issuer over HTTPS.',
  'too-many-failures':
    'Wait a minute, then send the right token. Behind a proxy set SLIPWAY_TRUST_PROXY, so that clients have addresses of their own.',
  'too-many-requests':
    'Wait as `Retry-After` says, ask less often, or raise SLIPWAY_MAX_REQUESTS_PER_TOKEN or SLIPWAY_MAX_REQUESTS_PER_ADDRESS on the server.',
  'cross-origin-refused': 'Set SLIPWAY_PUBLISH_TOKEN on the server, and send it.',
  'foreign-host-refused':
    'Set SLIPWAY_PUBLISH_TOKEN on the server, and send it; or use the address that it listens on.',

  // Models, releases, tags and rollouts
  'no-release-tagged': 'Publish to the model, or promote one of its releases to the tag.',
  'model-not-found': 'Check the name; the first publish creates a model.',
  'release-not-found': 'List the releases; it may have been deleted or pruned.',
  'tag-not-found': 'List the tags, or create this one by promoting a release.',
  'tag-exists': 'Leave `If-None-Match` out to move the tag.',
  'tag-reserved': 'Promote to a tag of your own, or roll `latest` back.',
  'tag-is-default': 'Give the model another default tag first.',
  'default-tag-missing': 'Promote a release to the tag first.',
  'too-many-tags': 'Delete tags that nothing pulls; a publish sets at most 20, a model has at most 100.',
  'release-in-use': 'Move the tags that `detail` names to other releases first.',
  'model-in-use':
    'Move the bots to another model and delete the tags first, or say that it shall go all the same: `slipway delete MODEL --force`.',
  'nothing-to-roll-back':
    'Name the release to go back to: `slipway rollback MODEL@TAG RELEASE`, or `release` in the body.',
  'bot-not-found':
    'Look at the list of bots; a name is known from its first poll until it was silent for 30 days.',
  'rollout-not-found': "Look at the model's list of rollouts.",
  'rollout-state': 'Read the rollout: what has ended, or is going back, takes no other command.',
  'rollout-under-way': 'Wait until it has ended, or abort it first: `slipway rollout abort MODEL@TAG`.',
  'release-quarantined':
    'Look at why it was taken back. Publish a better release, or promote it anyway with `--force` (`"force": true` over HTTP).',
  'policy-invalid': 'Look at `detail` for the field.',
  'token-exists': 'Rotate the token that has the name, revoke it first, or take another name.',
  'first-token-not-admin':
    'Make a token that allows admin first, and send it: otherwise nobody could make another one over the network.',
  'pulls-would-close':
    'Give the bots that `detail` names a token first (SLIPWAY_ANONYMOUS=pull keeps pulls open meanwhile), or say that they may be refused: `--closes-pulls`.',
  'token-not-found': 'Look at the list of tokens: `slipway token list`.',
  'trust-invalid': 'Look at `detail` for the field.',
  'trust-exists': 'Remove the trusted publisher that has the name, or take another name.',
  'trust-not-found': 'Look at the list: `slipway trust list`.',
  'too-many-grants':
    'Trust fewer publishers that have this identity, or use `*` in what they allow: `slipway trust list` shows them.',
  'too-many-trusted-publishers': 'Remove a trusted publisher that nobody needs.',
  'webhook-not-found': 'List the webhooks: `slipway webhook list`.',
  'webhook-target-refused':
    'Use an https address on the public internet, or have the server allow its host: SLIPWAY_WEBHOOK_HOSTS.',
  'too-many-webhooks': 'Remove a webhook that nobody needs, or let one receiver pass events on.',
  'delivery-not-found':
    'List the deliveries; the last 200 that arrived and the last 1,000 that were given up are kept.',
  'delivery-state': 'Wait: a waiting delivery is sent by itself. A delivered one has arrived.',
  'signatures-invalid':
    'Look at `detail`; a key is a public one in PEM, and an identity needs SLIPWAY_TRUSTED_ROOT on the server.',
  'bundle-not-found': 'Publish the same bytes again with a bundle: `slipway push --sign KEY`.',

  // Publishing
  'digest-malformed': 'Write `sha-256=:…:` with the 32 bytes in base64 (RFC 9530).',
  'digest-unsupported': 'Add `sha-256` to the field, or leave the field out.',
  'digest-mismatch':
    'Send the archive again; if it happens twice, the file itself was changed after it was hashed.',
  'digest-on-multipart': 'Send the archive as the body, or leave the field out.',
  'upload-truncated': 'Send it again; something between here and there cut the connection.',
  'multipart-malformed': 'Send one file, in a field named `model` or `file`; or the archive as the body.',
  'bundle-too-large': 'Attest the archive by itself: a bundle has at most 64 KiB.',
  'archive-missing': 'Send the archive as the body: `curl --data-binary @x.tar.gz`.',
  'archive-too-large': 'Train a smaller model, or raise SLIPWAY_MAX_ARCHIVE_BYTES.',
  'signature-required':
    'Publish with `slipway push --sign KEY` or `--bundle FILE`; `detail` says whose signature counts.',
  'signature-refused':
    'Look at `detail`. Sign the archive that is sent, by one whose signature counts; `GET /api/v1/models/{model}` lists them.',
  'quota-exceeded':
    'Delete or prune releases that nobody needs (`slipway prune MODEL --keep-releases 20 --dry-run`), or raise the quota: `slipway quota MODEL`.',
  'disk-full': 'Prune releases (`slipway prune`), or add disk space.',

  // What inspection found
  'archive-not-gzip': 'Send the `.tar.gz` itself: not unpacked, not inside another archive.',
  'archive-corrupt': 'Train or copy it again: the file is damaged.',
  'archive-truncated': 'Copy it again: it was cut, or sent before it was complete.',
  'archive-trailing-data': 'Copy it again: something was appended to it.',
  'archive-multiple-members': 'Pack it again in one go; do not concatenate archives.',
  'archive-malformed-tar': 'Train it again, or pack it with a sound tar.',
  'archive-unsafe-path': 'Pack it again with paths below its root; `detail` names the one that is not.',
  'archive-path-too-long': 'Use shorter names of components; `detail` names the path.',
  'archive-invalid-path': 'Use names that are UTF-8 text; `detail` names the path.',
  'archive-unsafe-member': 'Pack files and folders only: no links, devices or pipes.',
  'archive-duplicate-member': 'Pack it again, with each path once.',
  'archive-too-many-members': 'Train with fewer components, or raise SLIPWAY_MAX_MEMBERS.',
  'archive-unpacks-too-large': 'Train a smaller model, or raise SLIPWAY_MAX_UNPACKED_BYTES.',
  'archive-bomb': 'If you trust the archive, raise SLIPWAY_MAX_RATIO.',
  'archive-metadata-too-large': 'If you trust the archive, raise SLIPWAY_MAX_METADATA_BYTES.',
  'archive-metadata-invalid': 'Train it again; `detail` says what is wrong with its metadata.json.',
  'archive-not-a-model': 'Send what `rasa train` wrote.',
  'archive-incomplete':
    'Train it again: a bot would load it and then fail. To publish it anyway, add `?accept=archive-incomplete`.',

  // Failures of the server
  'internal-error': "Look for the request's id in the server's log, and report what you find.",
  'storage-failed': "Look for the request's id in the server's log; then at the disk.",
  'blob-missing': 'Publish the same bytes again, or promote another release.',
  'blob-damaged': 'Publish the same bytes again, or promote another release.',
  'storage-unavailable': 'Try again after `Retry-After`; if the problem persists, check the storage.',
  'storage-owned-elsewhere':
    'Stop one of the two servers that use the folder of the bucket, then restart the one that stays; pulls go on meanwhile.',
  'catalog-busy': 'Try again after `Retry-After`.',
  'catalog-unavailable': "Look at the server's log; pulls go on meanwhile.",
  overloaded:
    'Try again after `Retry-After`. If it happens often, raise SLIPWAY_MAX_UPLOADS, SLIPWAY_MAX_DOWNLOADS or SLIPWAY_MAX_CONNECTIONS.',
  'verification-running': 'Wait until it has ended; GET /api/v1/verification shows how far it is.',
  'shutting-down': 'Try again after `Retry-After`, when the server is back.',
} as const satisfies Record<ProblemCode, string>
