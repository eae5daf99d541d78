import type { SingleRequest } from './single-request.ts'

/** What people expect of a model of which every change was either made or not. */
export interface Expected {
  /** Where `production` was pointed, from the first move on. */
  readonly production: readonly (number | null)[]
  /** As `production`. */
  readonly candidate: readonly (number | null)[]
  readonly releases: readonly number[]
  /** How many rollouts of `production` have begun: each promotion is one. */
  readonly begun: number
  /** The states and steps that the last rollout of `production` went through: `running 0`. null: bots have it end by themselves. */
  readonly rollout: readonly string[] | null
}

/** A change of a model, and how it is known by what servers say that it was made. */
export interface GroupChange {
  readonly name: string
  /** Of the transaction, a part of its first statement that changes what is seen. */
  readonly statement: string
  /** @param rollout The id of the last rollout. */
  readonly request: (rollout: string) => SingleRequest
  readonly effect: (before: Expected) => Expected
  /** How it is answered where it is sent once more after it was made; undefined: as the first time. */
  readonly again?: number
}

const MODEL = '/api/v1/models/shop'
const PRODUCTION = `${MODEL}/tags/production`

const MOVES = 'insert into "tag_moves"'
const DELETES = 'delete from "releases"'
const ROLLS_OUT = 'update "rollouts"'

/** A release in steps of which none passes by itself, as its bots would have to go on with it for so long. */
const IN_STEPS = { steps: [1, '100%'], soak: 3_600 }

const json = (method: string, path: string, body: object = {}): SingleRequest => ({ method, path, body })

function begins({ begun }: Expected, rollout: Expected['rollout']): Pick<Expected, 'begun' | 'rollout'> {
  return { begun: begun + 1, rollout }
}

/** Releases 1 to 12 are there, and `production` and `candidate` point at 1. Each change goes on where the one before ended. */
export const FIRST: Expected = {
  production: [1],
  candidate: [1],
  begun: 1,
  rollout: null,
  releases: Array.from({ length: 12 }, (_, index) => index + 1),
}

/** In this order: each begins where the ones before have ended. */
export const GROUP_CHANGES: readonly GroupChange[] = [
  {
    name: 'a promotion',
    statement: MOVES,
    request: () => json('PUT', PRODUCTION, { release: 2 }),
    effect: (before) => ({ ...before, production: [...before.production, 2], ...begins(before, null) }),
  },
  {
    name: 'a rollback, which aborts the rollout',
    statement: MOVES,
    request: () => json('POST', `${PRODUCTION}/rollback`, { release: 1 }),
    effect: (before) => ({ ...before, production: [...before.production, 1], rollout: null }),
  },
  {
    name: 'the beginning of a rollout in steps',
    statement: ROLLS_OUT,
    request: () => json('PUT', PRODUCTION, { release: 3, policy: IN_STEPS }),
    effect: (before) => ({ ...before, ...begins(before, ['running 0']) }),
  },
  {
    name: 'the passing of its first step',
    statement: MOVES,
    request: (rollout) => json('POST', `${MODEL}/rollouts/${rollout}/advance`, { step: 0 }),
    effect: (before) => ({
      ...before,
      production: [...before.production, 3],
      rollout: [...(before.rollout ?? []), 'running 1'],
    }),
    again: 409,
  },
  {
    name: 'the passing of its last step',
    statement: ROLLS_OUT,
    request: (rollout) => json('POST', `${MODEL}/rollouts/${rollout}/advance`, { step: 1 }),
    effect: (before) => ({ ...before, rollout: [...(before.rollout ?? []), 'done 1'] }),
    again: 409,
  },
  {
    name: 'the beginning of another rollout in steps',
    statement: ROLLS_OUT,
    request: () => json('PUT', PRODUCTION, { release: 4, policy: IN_STEPS }),
    effect: (before) => ({ ...before, ...begins(before, ['running 0']) }),
  },
  {
    name: 'a pause',
    statement: ROLLS_OUT,
    request: (rollout) => json('POST', `${MODEL}/rollouts/${rollout}/pause`),
    effect: (before) => ({ ...before, rollout: [...(before.rollout ?? []), 'paused 0'] }),
    again: 409,
  },
  {
    name: 'the deletion of a tag',
    statement: MOVES,
    request: () => ({ method: 'DELETE', path: `${MODEL}/tags/candidate` }),
    effect: (before) => ({ ...before, candidate: [...before.candidate, null] }),
    again: 404,
  },
  {
    name: 'the deletion of a release',
    statement: DELETES,
    request: () => ({ method: 'DELETE', path: `${MODEL}/releases/5` }),
    effect: (before) => ({ ...before, releases: before.releases.filter((number) => number !== 5) }),
    again: 404,
  },
  {
    name: 'pruning',
    statement: DELETES,
    request: () => json('POST', `${MODEL}/prune`, { keepReleases: 2, keepHistory: 3 }),
    // What `production` and `latest` pointed at lately stays, and so does what is brought out.
    effect: (before) => ({ ...before, releases: [1, 2, 3, 4, 10, 11, 12] }),
  },
  {
    name: 'a rollback, which replaces the rollout',
    statement: MOVES,
    request: () => json('POST', `${PRODUCTION}/rollback`, { release: 1 }),
    effect: (before) => ({ ...before, production: [...before.production, 1], ...begins(before, null) }),
  },
]
