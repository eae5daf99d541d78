import type { ArchiveFacts } from '../archive-facts.ts'

/** What the JSON files of an archive say: small whatever their size, and fit to be sent from thread to thread. */
export interface MetadataOutline {
  facts: Omit<ArchiveFacts, 'unpackedSize' | 'members' | 'warnings' | 'accepted'>
  /** The graph that a Rasa 3 bot runs; empty for Rasa 2. */
  nodes: GraphNode[]
  /** What Rasa needs and does not find in there, each a part of a sentence: `lacks "model_id"`. */
  gaps: string[]
}

/** One node of the graph in `predict_schema`. */
export interface GraphNode {
  name: string
  /** Path of the Python class. */
  uses: string
  /** The folder below `components/` in which it finds what it learned; absent where it learns nothing. */
  resource?: string
  /** The digest of its settings in config.yml, as {@link digestOfDefinition} has it; absent where there are none. */
  settings?: string
}

/** The JSON files of an archive that describe it, by path. */
export type MetadataFiles = Readonly<Record<string, Uint8Array>>

/** A graph has some forty nodes; whoever sends more than this wants to keep the server busy. */
export const MOST_NODES = 10_000
