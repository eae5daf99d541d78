import { isIP } from 'node:net'
import { allowedAddresses } from './allowed-addresses.ts'

/** Names by which machines in a cloud ask for their credentials; each leads to an address that `allowedAddresses` leaves out. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata.google.internal', // Google Cloud
  'metadata.goog', // Google Cloud
  'instance-data.ec2.internal', // Amazon EC2
])

/**
 * Whether no request ever goes to a host, by what it says itself: an address that `allowedAddresses` leaves out, or a
 * name that always leads to one. Where other names lead is looked at when something is sent.
 *
 * @param host As `URL.hostname` has it.
 */
export function isNeverAsked(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(address)
  if (family !== 0) return allowedAddresses([{ address, family }]).length === 0
  return METADATA_NAMES.has(host.toLowerCase().replace(/\.$/, ''))
}
