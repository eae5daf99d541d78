import { at } from '../api/api.ts'
import type { Action } from './action.ts'

/** Changes the notes of a release: all that can be changed of it. */
export function editNotes(model: string, number: number, notes: string): Action {
  return {
    label: 'Save the notes',
    title: `Change the notes of release ${number} of ${model}`,
    tone: 'plain',
    permission: 'manage',
    says: [notes === '' ? 'The notes are removed.' : 'Everybody who reads the release sees them.'],
    call: { method: 'PATCH', path: at.release(model, number), body: { notes } },
    command: null,
    takesReason: false,
    done: `The notes of release ${number} are saved.`,
  }
}
