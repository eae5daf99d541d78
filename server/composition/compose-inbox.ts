import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import type { Config } from '../config/config.ts'
import { version } from '../config/version.ts'
import { Inbox } from '../intake/inbox/inbox.ts'
import type { IntakeWrites } from '../intake/intake-dependencies.ts'
import { logIntake } from './logging/log-intake.ts'
import { makeFolder } from './opening/make-folder.ts'
import { publishModel, type PublishDependencies } from '../releases/publish-model.ts'
import { rememberRefusal } from '../intake/remember-refusal.ts'
import type { Surroundings } from './surroundings.ts'
import { refusalRules } from '../intake/refusal-rules.ts'

/** Puts the inbox together, and makes its folder where there is none; undefined where the server has no inbox. */
export async function composeInbox(
  config: Config,
  dependencies: PublishDependencies & Pick<Surroundings, 'logger' | 'machineClock'>,
): Promise<Inbox | undefined> {
  const { modelsDir: folder } = config
  if (folder === undefined) return undefined
  await makeFolder('MODELS_DIR', folder)
  return new Inbox({
    folder,
    catalog: dependencies.catalog,
    clock: dependencies.machineClock,
    ...intakeWrites(dependencies),
    rules: rulesOf(config),
    readTrainedAt: async (bytes) => {
      const inspection = new ArchiveInspection(config.archiveLimits)
      for await (const chunk of bytes) await inspection.write(chunk)
      return (await inspection.end()).trainedAt
    },
    onEvent: (event) => {
      logIntake(dependencies.logger, 'inbox', event)
    },
  })
}

/** How what arrives by itself is published, and remembered where it is refused. */
export function intakeWrites(dependencies: PublishDependencies): IntakeWrites {
  return {
    publish: (body, terms) => publishModel(dependencies, body, terms),
    rememberRefused: (look, code, refusedBy) => rememberRefusal(dependencies, look, code, refusedBy),
  }
}

/** By which rules this server refuses what arrives. */
export function rulesOf({ archiveLimits, maxArchiveBytes }: Config): string {
  return refusalRules(version, { ...archiveLimits, archiveBytes: maxArchiveBytes })
}
