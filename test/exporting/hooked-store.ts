import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { StagedObject } from '../../storage/object-store.ts'

/** What happens around each upload. */
interface UploadHooks {
  beforeCommit?: () => Promise<void>
  afterCommit?: () => Promise<void>
}

/** A store whose uploads are held up, refused or overtaken by the test. */
class HookedStore extends MemoryStore {
  readonly hooks: UploadHooks = {}

  override async stage(): Promise<StagedObject> {
    const staged = await super.stage()
    const commit = staged.commit.bind(staged)
    staged.commit = async (key, options) => {
      const { hooks } = this
      await hooks.beforeCommit?.()
      const outcome = await commit(key, options)
      await hooks.afterCommit?.()
      return outcome
    }
    return staged
  }
}

export function aHookedStore(): HookedStore {
  return new HookedStore()
}
