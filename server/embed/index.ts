/** The server as a part of another application: everything that it answers, behind one function (docs/install.md). */
export { slipway } from './slipway.ts'
export type { EmbeddedServer, EmbeddedSettings, EmbedOptions } from './slipway.ts'
