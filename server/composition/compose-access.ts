import type { Config } from '../config/config.ts'
import { createAuthorize } from '../http/access/authorization.ts'
import { createGate, createReadRights, type Gate } from '../http/access/gate.ts'
import { GuessLimit } from '../http/access/guess-limit.ts'
import { RequestRate } from '../http/access/request-rate.ts'
import { Connections } from '../http/connections.ts'
import { createHostGuard, type HostGuard } from '../http/access/host-guard.ts'
import type { ReadRights } from '../http/access/rights.ts'
import { createFindClient, createIsProxy, type FindClient } from '../http/access/trusted-proxies.ts'
import { TransferSlots } from '../http/transfer-slots.ts'
import { limitTraffic } from './limit-traffic.ts'
import type { Clock } from '../time/clock.ts'
import type { ComposedTokens } from './compose-tokens.ts'

/** Different wrong tokens that an address may send in a minute before it is locked out. */
const GUESSES_PER_MINUTE = 30

export interface ComposedAccess {
  gate: Gate
  readRights: ReadRights
  hostGuard: HostGuard | undefined
  findClient: FindClient | undefined
  addressRate: RequestRate
  connections: Connections
  downloadSlots: TransferSlots
  uploadSlots: TransferSlots
}

/** Puts together who may reach the server, and how it is known who does. */
export function composeAccess(
  config: Config,
  clock: Clock,
  { tokens: { knownTokens }, open }: ComposedTokens,
): ComposedAccess {
  const { host, trustProxy } = config
  const limits = limitTraffic(config)
  const settings = {
    authorize: createAuthorize({ ...config, knownTokens, open, clock }),
    guesses: new GuessLimit(clock, GUESSES_PER_MINUTE),
    open,
    trustsProxy: trustProxy !== undefined,
  }
  return {
    gate: createGate({ ...settings, rate: new RequestRate(clock, config.maxRequestsPerToken) }),
    readRights: createReadRights(settings),
    hostGuard: open.changes ? createHostGuard(host, open) : undefined,
    findClient: trustProxy && createFindClient(trustProxy),
    addressRate: new RequestRate(clock, config.maxRequestsPerAddress),
    connections: new Connections(
      {
        total: limits.connections,
        perAddress: limits.connectionsPerAddress,
        isProxy: trustProxy && createIsProxy(trustProxy),
      },
      clock,
    ),
    downloadSlots: new TransferSlots(limits.downloads),
    uploadSlots: new TransferSlots(config.maxUploads),
  }
}
