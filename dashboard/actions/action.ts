import type { Api } from '../api/api.ts'

/** A call of the API that changes something. */
export interface Call {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the server's root. */
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  /** What must still be so when it is done. */
  readonly condition?: Condition
}

/** A condition of a change (RFC 9110 §13.1): nobody undoes unseen what somebody else has just done. */
export interface Condition {
  readonly field: 'If-Match' | 'If-None-Match'
  readonly value: string
}

/** What an action comes to, and what is sent so that it comes to that. */
export interface Decision {
  readonly says: readonly string[]
  readonly body: Readonly<Record<string, unknown>>
  /** The same for the command. */
  readonly words: readonly string[]
}

/** What a person may have the server do, after reading what it will do. */
export interface Action {
  /** On its button: `Pause`. */
  readonly label: string
  /** As a whole: `Pause the rollout of shop@production`. */
  readonly title: string
  readonly tone: 'plain' | 'help' | 'danger'
  /** The permission that the call needs. */
  readonly permission: string
  /** What it will do, a sentence each, as far as it is known without asking. */
  readonly says: readonly string[]
  /** Asks the server what it will do. */
  readonly foresee?: (api: Api) => Promise<readonly string[]>
  readonly call: Call
  /** Calls that follow it, one after the other: the same to several things. */
  readonly alsoCalls?: readonly Call[]
  /** Asks the server what it will do, where the call then names that: whatever happens meanwhile, it does nothing else than was said. */
  readonly decide?: (api: Api) => Promise<Decision>
  /** Reads what the change is decided on, when the reader is told what it will do. */
  readonly readCondition?: (api: Api) => Promise<Condition>
  /** The words of the same on the command line: `['slipway', 'rollout', 'pause', 'shop@production']`; none: there is no command. */
  readonly command: readonly string[] | null
  /** Whether a reason may be given, which stands in the history then. */
  readonly takesReason: boolean
  /** What is said when it is done. */
  readonly done: string
  /** What of the answer is shown once, to be copied: a secret. */
  readonly reveal?: (answer: unknown) => string
  /** What is said when it is done, where the answer has more to say than {@link done}. */
  readonly sayDone?: (answer: unknown) => string
  /** A refusal after which the reader may insist: its code, what the button says then, and what is sent besides. */
  readonly insist?: {
    readonly code: string
    readonly label: string
    readonly body?: Readonly<Record<string, unknown>>
    /** As the body, in the query of the address. */
    readonly query?: string
    /** The option of the command that does the same. */
    readonly option: string
  }
  /** Where to go when it is done, below the server's root: away from the page of what is there no more. */
  readonly leadsTo?: string
}

/** An action that is done only where what it was decided on is still so. */
export function withCondition(action: Action, condition: Condition | undefined): Action {
  return condition === undefined ? action : { ...action, call: { ...action.call, condition } }
}

/** An action that comes to what was said of it. */
export function withDecision(action: Action, decision: Decision | undefined): Action {
  if (decision === undefined) return action
  const { call, command } = action
  return {
    ...action,
    call: { ...call, body: { ...call.body, ...decision.body } },
    command: command && [...command, ...decision.words],
  }
}

/** An action with the reason that was given for it. */
export function withReason(action: Action, reason: string): Action {
  const text = reason.trim()
  if (!action.takesReason || text === '') return action
  const { call, command } = action
  return {
    ...action,
    call: { ...call, body: { ...call.body, reason: text } },
    command: command && [...command, '--reason', text],
  }
}

/** An action whose reader insists on it. */
export function withInsistence(action: Action): Action {
  const { call, command, insist } = action
  if (insist === undefined) return action
  return {
    ...action,
    label: insist.label,
    tone: 'danger',
    call: {
      ...call,
      ...(insist.query === undefined ? {} : { path: `${call.path}?${insist.query}` }),
      ...(insist.body === undefined ? {} : { body: { ...call.body, ...insist.body } }),
    },
    command: command && [...command, insist.option],
  }
}
