import type { ArchiveFacts, ArchiveWarning } from '../archive-facts.ts'

/** Rasa gives a download up after so many seconds (aiohttp's default, which its model server request keeps). */
const DOWNLOAD_SECONDS = 300

/** Smaller archives arrive in time on any line that a bot is likely to have: 5 MB/s. */
const LARGE_BYTES = 1_500_000_000

/**
 * Components that build a TensorFlow graph when they are loaded. With DIET and TED Rasa 3.6.21 answered nothing for 66 s on an
 * idle machine of two cores and for 250 s on a busy one; without such components for 0.2 s.
 */
const SLOW = new Set(['DIETClassifier', 'ResponseSelector', 'TEDPolicy', 'UnexpecTEDIntentPolicy'])

/** Components that need what is not in the archive, and what that is. */
const NEEDED: Readonly<Record<string, string>> = {
  SpacyNLP: 'the spaCy model that config.yml names must be installed beside the bot',
  MitieNLP: 'the MITIE model file that config.yml names must lie beside the bot',
  LanguageModelFeaturizer:
    "it downloads its weights when it is loaded, unless they are in the bot's Hugging Face cache",
  DucklingEntityExtractor: 'it asks a Duckling server, which must be reachable from the bot',
}

/** What will be slow to load, or will load only where a bot has something besides the archive. */
export function loadingWarnings(facts: ArchiveFacts, size: number): ArchiveWarning[] {
  const components = [...new Set([...(facts.pipeline ?? []), ...(facts.policies ?? [])])]
  return [
    ...(facts.format === 2 ? [RASA_2] : []),
    ...slowDownload(size),
    ...slowComponents(components),
    ...components.flatMap(needed),
    ...ownComponents(components),
  ]
}

const RASA_2: ArchiveWarning = {
  code: 'rasa-2-archive',
  message: 'trained by Rasa 1 or 2: bots with Rasa 3 refuse it and keep their model',
}

function slowDownload(size: number): ArchiveWarning[] {
  if (size < LARGE_BYTES) return []
  const needs = (size / DOWNLOAD_SECONDS / 1e6).toFixed(1)
  const message = `Rasa gives up a download after ${DOWNLOAD_SECONDS} s: a bot needs ${needs} MB/s to fetch this archive`
  return [{ code: 'slow-download', message }]
}

function slowComponents(components: readonly string[]): ArchiveWarning[] {
  const slow = components.filter((name) => SLOW.has(name))
  if (slow.length === 0) return []
  const message = `slow to load (${slow.join(', ')}): expect a minute or more on each bot, which answers nobody meanwhile`
  return [{ code: 'slow-load', message }]
}

function needed(name: string): ArchiveWarning[] {
  const what = Object.hasOwn(NEEDED, name) ? NEEDED[name] : undefined
  return what === undefined ? [] : [{ code: 'needs-more', message: `${name}: ${what}` }]
}

/** Components whose class is not Rasa's have the path of their module. */
function ownComponents(components: readonly string[]): ArchiveWarning[] {
  return components
    .filter((name) => name.includes('.'))
    .map((name) => ({
      code: 'custom-component' as const,
      message: `${name} is not part of Rasa: the bot loads this archive only where Python can import that class`,
    }))
}
