import type { MadeToken, Revocation } from '../../protocol/token.ts'
import { count } from '../text/count.ts'
import type { Action } from './action.ts'

const TOKENS = 'api/v1/tokens'
const DAY = 86_400

/** Makes a token. @param days How long it is good; null: until it is revoked. */
export function makeToken(name: string, allow: readonly string[], days: number | null): Action {
  return {
    label: 'Make the token',
    title: `Make the token ${name}`,
    tone: 'help',
    permission: 'admin',
    says: [
      `It allows ${allow.join(', ')}, ${days === null ? 'until it is revoked' : `for ${count(days, 'day')}`}.`,
      'It is shown once, when it is made. Whoever has it can do all that; what they do stands under its name.',
    ],
    call: {
      method: 'POST',
      path: TOKENS,
      body: { name, allow, expiresIn: days === null ? null : days * DAY },
    },
    command: [
      'slipway',
      'token',
      'create',
      name,
      ...allow.flatMap((grant) => ['--allow', grant]),
      ...(days === null ? [] : ['--expires', `${days}d`]),
    ],
    takesReason: false,
    done: `The token ${name} is made.`,
    reveal: revealSecret,
    insist: {
      code: 'pulls-would-close',
      label: 'Make it, and refuse bots without a token',
      body: { closesPulls: true },
      option: '--closes-pulls',
    },
  }
}

/** Replaces a token by one of the same name; the old one stays good for a day. */
export function rotateToken(name: string): Action {
  return {
    label: 'Rotate',
    title: `Replace the token ${name}`,
    tone: 'plain',
    permission: 'admin',
    says: [
      'A new token of the same name that allows the same is made, and shown once.',
      'The one before stays good for 24 hours, so that its holders have time to take the new one.',
    ],
    call: { method: 'POST', path: `${TOKENS}/${encodeURIComponent(name)}/rotate`, body: {} },
    command: ['slipway', 'token', 'rotate', name],
    takesReason: false,
    done: `The token ${name} has a successor.`,
    reveal: revealSecret,
  }
}

/** Has every token of a name open nothing any more. */
export function revokeTokens(name: string): Action {
  return {
    label: 'Revoke',
    title: `Revoke the token ${name}`,
    tone: 'danger',
    permission: 'admin',
    says: [
      `Whoever has the token ${name}, or one that it replaced, is let in no more, from now on. It cannot be undone.`,
    ],
    call: { method: 'DELETE', path: `${TOKENS}/${encodeURIComponent(name)}` },
    command: ['slipway', 'token', 'revoke', name],
    takesReason: false,
    done: `The token ${name} is revoked.`,
    sayDone: (answer) =>
      [
        `The token ${name} is revoked.`,
        ...((answer as Revocation | undefined)?.warnings ?? []).map(({ message }) => message),
      ].join(' '),
  }
}

function revealSecret(answer: unknown): string {
  return (answer as MadeToken).secret
}
