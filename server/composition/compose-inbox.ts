import type { Logger } from 'pino'
import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import type { Config } from '../config/config.ts'
import { Inbox } from '../intake/inbox/inbox.ts'
import { logInbox } from './log-inbox.ts'
import { makeFolder } from './make-folder.ts'
import { publishModel, type PublishDependencies } from '../releases/publish-model.ts'
import { rememberRefusedFile } from '../intake/remember-refused-file.ts'

/** Puts the inbox together, and makes its folder where there is none. */
export async function composeInbox(
  config: Config,
  dependencies: PublishDependencies & { logger: Logger },
): Promise<Inbox> {
  await makeFolder('MODELS_DIR', config.modelsDir)
  return new Inbox({
    folder: config.modelsDir,
    catalog: dependencies.catalog,
    clock: dependencies.clock,
    publish: (body, terms) => publishModel(dependencies, body, terms),
    rememberRefused: (file, code) => rememberRefusedFile(dependencies, file, code),
    readTrainedAt: async (bytes) => {
      const inspection = new ArchiveInspection(config.archiveLimits)
      for await (const chunk of bytes) await inspection.write(chunk)
      return (await inspection.end()).trainedAt
    },
    onEvent: (event) => {
      logInbox(dependencies.logger, event)
    },
  })
}
