import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'

/** A field of a policy, as a form asks for it. */
export interface PolicyFieldWords {
  readonly name: keyof RolloutPolicy
  readonly label: string
  /** What may be typed, and what it is for. */
  readonly hint: string
  /** What may be chosen; undefined: it is typed. */
  readonly choices?: readonly (readonly [value: string, words: string])[]
  /** Several lines. */
  readonly isLong?: true
}

export const POLICY_FIELDS: readonly PolicyFieldWords[] = [
  {
    name: 'steps',
    label: 'Steps',
    hint: 'numbers of bots or shares, rising; the last is 100%: 1, 25%, 100%',
  },
  { name: 'soak', label: 'Soak', hint: 'seconds for which a step must run it before the next begins' },
  {
    name: 'maxUpdating',
    label: 'At once',
    hint: 'how many bots may load at the same time: 1, 25%; empty: any number',
  },
  { name: 'drain', label: 'Drain', hint: 'seconds between "not ready" for the load balancer and the update' },
  { name: 'tolerate', label: 'Tolerate', hint: 'how many bots of a step may fail: a number or a share' },
  {
    name: 'deadline',
    label: 'Deadline',
    hint: 'seconds without another bot that loaded it, after which a step is not clear',
  },
  {
    name: 'onFail',
    label: 'Where a step fails',
    hint: 'more bots than tolerated could not load it',
    choices: [
      ['revert', 'take it back'],
      ['pause', 'pause'],
    ],
  },
  {
    name: 'onInconclusive',
    label: 'Where a step is not clear',
    hint: 'too little was seen until the deadline',
    choices: [
      ['pause', 'pause'],
      ['revert', 'take it back'],
      ['continue', 'go on'],
    ],
  },
  { name: 'attempts', label: 'Attempts', hint: 'failed loads before a bot is left alone with what it runs' },
  { name: 'retry', label: 'Retry', hint: 'seconds until such a bot is offered it once more' },
  {
    name: 'probes',
    label: 'Probes',
    isLong: true,
    hint: 'what each bot is asked after it loaded, as JSON, one a line: {"url": "http://{bot}:5005/status"}',
  },
]

/** Policies to begin with, by what people call them. */
export const POLICY_PRESETS: readonly (readonly [name: string, policy: Partial<RolloutPolicy>])[] = [
  ['All at once', {}],
  ['First 1 bot', { steps: [1, '100%'] }],
  ['1 bot, 25 %, all; 10 minutes between', { steps: [1, '25%', '100%'], soak: 600 }],
  ['One at a time', { maxUpdating: 1 }],
]
