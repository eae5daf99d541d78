/**
 * The puller as a library: keeps a folder at what a model server, a disk, a cloud or a class of your own selects
 * (docs/puller.md).
 */
export { Puller } from './puller.ts'
export type { PullerOptions } from './puller-options.ts'
export type { InstalledArchive, Notice, Progress, PullEvent, RefusedArchive } from './events.ts'
export { PullFailure } from './failure.ts'
export type { FailureKind } from './failure.ts'
export { serverSource } from './sources/server-source.ts'
export type { ServerSourceOptions } from './sources/server-source.ts'
export { diskSource } from './sources/disk-source.ts'
export type { Answer, ArchiveHead, Offer, PartialCopy, Question, Source } from './sources/source.ts'
export { shellCommand } from './install/shell-command.ts'
export type { OnChange, Verdict } from './install/shell-command.ts'
export { storeSource } from './sources/store-source.ts'
export type { ObjectChoice } from './sources/store-source.ts'
export { customSource, loadCustomStorage } from './sources/custom-storage.ts'
export type { CustomStorage, RetrievedArchive } from './sources/custom-storage.ts'
export { SignatureCheck } from './signing/signature-check.ts'
export type { SignatureCheckOptions } from './signing/signature-check.ts'
export { readSigners } from '../signatures/trusted-signers.ts'
