import { error, warning, type FindingKind } from './finding-kind.ts'

/** What can be wrong with the release that a bot would get, however well it arrives. */
export const RELEASE_FINDINGS = {
  'release-damaged': error(
    'The server does not give the archive out: it is damaged or missing in its storage.',
    'Publish the same bytes again, or move the tag to another release.',
  ),
  'release-taken-back': error(
    'This release was taken back from bots, and the tag points at it again.',
    'Move the tag to another release: slipway rollback MODEL@TAG.',
  ),
  'archive-unloadable': error(
    'The archive comes as it is, and no bot can use it.',
    'Train again, and publish the file that rasa train writes.',
  ),
  'archive-unusual': warning(
    'Slipway would not take this archive, so it was not looked at further; Rasa may load it.',
    'Publish the file that rasa train writes.',
  ),
  'rasa-incompatible': error(
    'The bots have a Rasa that refuses this archive, and keep the model that they have.',
    'Train with the Rasa that the bots run.',
  ),
  'rasa-newer': warning(
    'A newer Rasa trained this model than the bots run: they load it only if it uses nothing that is new.',
    'Train with the Rasa that the bots run.',
  ),
  'loads-with-conditions': warning(
    'The bot loads this model only if it has more than the archive.',
    'See that each bot has what is named.',
  ),
} as const satisfies Record<string, FindingKind>
