import { z } from 'zod'
import { instant, reason } from './fields.ts'

/** Since when and why promoting a release needs force. */
export const quarantineSchema = z
  .object({ at: instant, reason })
  .meta({ id: 'Quarantine', description: 'Since when and why promoting a release needs force.' })
