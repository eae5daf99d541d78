import type { TrustRequest } from '../../protocol/trusted-publisher.ts'
import { usageError } from './usage-error.ts'

export const GITHUB = 'https://token.actions.githubusercontent.com'
export const GITLAB = 'https://gitlab.com'

/** What `slipway trust add` is told. */
export interface TrustOptions {
  name?: string
  allow: string[]
  audience?: string
  issuer?: string
  repositoryId?: string
  repositoryOwnerId?: string
  ref?: string
  environment?: string
  workflowRef?: string
  jobWorkflowRef?: string
  projectId?: string
  namespace?: string
  serviceAccount?: string
  claim: string[]
}

/** The claims that options stand for, by the kind of issuer. */
const CLAIMS = {
  github: {
    repositoryId: 'repository_id',
    repositoryOwnerId: 'repository_owner_id',
    ref: 'ref',
    environment: 'environment',
    workflowRef: 'workflow_ref',
    jobWorkflowRef: 'job_workflow_ref',
  },
  gitlab: { projectId: 'project_id', ref: 'ref_path', environment: 'environment' },
  kubernetes: {},
  other: {},
} as const satisfies Record<string, Partial<Record<keyof TrustOptions, string>>>

type Kind = keyof typeof CLAIMS

const OF_KINDS = [
  'repositoryId',
  'repositoryOwnerId',
  'ref',
  'environment',
  'workflowRef',
  'jobWorkflowRef',
  'projectId',
] as (keyof TrustOptions)[]

/**
 * The trusted publisher that a command line describes.
 *
 * @param which `github`, `gitlab`, `kubernetes`, or the address of an issuer.
 * @param origin The address of the server, which identity tokens are for unless the options say otherwise.
 * @throws PullFailure `configuration`
 */
export function publisherOf(which: string, options: TrustOptions, origin: string): TrustRequest {
  const kind: Kind = which === 'github' || which === 'gitlab' || which === 'kubernetes' ? which : 'other'
  const { audience = origin, allow } = options
  const claims = { ...claimsOf(kind, options), ...givenClaims(options.claim) }
  const issuer = issuerOf(kind, which, options)
  return { name: options.name ?? nameOf(kind, options, claims), issuer, audience, claims, allow }
}

function issuerOf(kind: Kind, which: string, { issuer }: TrustOptions): string {
  if (kind === 'other') {
    if (issuer !== undefined)
      throw usageError('name the issuer once: as ISSUER, or by --issuer beside github, gitlab or kubernetes')
    if (!URL.canParse(which))
      throw usageError(`"${which}" is neither github, gitlab, kubernetes nor an address`)
    return which
  }
  if (kind === 'kubernetes') {
    if (issuer !== undefined) return issuer
    throw usageError(
      'name the issuer of the cluster: --issuer "$(kubectl get --raw /.well-known/openid-configuration | jq -r .issuer)"',
    )
  }
  return issuer ?? (kind === 'github' ? GITHUB : GITLAB)
}

function claimsOf(kind: Kind, options: TrustOptions): Record<string, string> {
  const known: Partial<Record<keyof TrustOptions, string>> = CLAIMS[kind]
  const claims: Record<string, string> = {}
  for (const option of OF_KINDS) {
    const value = options[option]
    if (typeof value !== 'string') continue
    const claim = known[option]
    if (claim === undefined)
      throw usageError(
        `${flagOf(option)} says nothing of ${kind === 'other' ? 'this issuer' : kind}; use --claim`,
      )
    claims[claim] = value
  }
  return { ...claims, ...serviceAccountClaim(kind, options) }
}

/** Kubernetes names a service account in `sub` (KEP-1205), which nobody else can have while its cluster is the issuer. */
function serviceAccountClaim(
  kind: Kind,
  { namespace, serviceAccount }: TrustOptions,
): Record<string, string> {
  if (namespace === undefined && serviceAccount === undefined) return {}
  if (kind !== 'kubernetes' || namespace === undefined || serviceAccount === undefined)
    throw usageError('--namespace and --service-account go together, with kubernetes')
  return { sub: `system:serviceaccount:${namespace}:${serviceAccount}` }
}

function givenClaims(given: readonly string[]): Record<string, string> {
  const claims: Record<string, string> = {}
  for (const text of given) {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(text) ?? []
    if (name === undefined || value === undefined) throw usageError(`--claim ${text}: write NAME=VALUE`)
    claims[name] = value
  }
  return claims
}

function nameOf(kind: Kind, options: TrustOptions, claims: Record<string, string>): string {
  const id =
    claims['repository_id'] ?? claims['repository_owner_id'] ?? claims['project_id'] ?? claims['namespace_id']
  if (id !== undefined && kind !== 'other') return `${kind}-${id}`
  const { namespace, serviceAccount } = options
  if (namespace !== undefined && serviceAccount !== undefined)
    return `kubernetes-${namespace}-${serviceAccount}`
  throw usageError('say what it is called: --name shop-ci')
}

function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
