import type { Action } from './action.ts'

/** Has all stored archives hashed now. */
export function verifyArchives(): Action {
  return {
    label: 'Verify all archives',
    title: 'Verify all stored archives',
    tone: 'plain',
    permission: 'manage',
    says: [
      'Every stored archive is read and hashed, one after the other; it changes nothing. What is not what its digest says is not given out any more, and is named here.',
      'It reads everything that is stored: with many gigabytes it takes minutes.',
    ],
    call: { method: 'POST', path: 'api/v1/verification', body: {} },
    command: ['slipway', 'verify'],
    takesReason: false,
    done: 'The archives are being verified.',
  }
}
