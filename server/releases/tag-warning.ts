/** What somebody should look at who moves a tag. What each means: `protocol/tag.ts`. */
export interface TagWarning {
  readonly code:
    | 'rasa-older'
    | 'release-quarantined'
    | 'goes-back'
    | 'further-back'
    | 'undoes-rollback'
    | 'passed-over'
    | 'skips-steps'
    | 'rollout-paused'
    | 'rollout-replaced'
  readonly message: string
}
