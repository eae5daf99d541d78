import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 begin every object in the young generation. Where it sees that what some code makes is still there after two collections, it
 * lets what that code makes later begin in the old one. Of Node's streams it sees that while they are not compiled yet, and for good: then
 * each connection that was closed is kept, with 1.5 kB, until the next full collection (measured, Node 24.21: 900 kB of every
 * 6 MB were copied that way, and 15 kB since).
 *
 * Not on the command line: a Node that does not know the flag any more would not start. Set here, such a Node says so on standard error
 * and goes on.
 */
export function allocateYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
