import v8 from 'node:v8'

/**
 * Keeps V8's nursery at 1 MB. Each chunk of a transfer is a small object that holds 64 kB outside the heap, and
 * the nursery is collected when the objects fill it, not what they hold: pulling 1 GB grew the process by 81 MB
 * without this and by 20 MB with it, at three quarters of the CPU time (Node 24.21).
 *
 * For the program that moves archives and does nothing else: a library, and a command that is called in another process, must
 * leave their process alone.
 */
export function keepHeapSmall(): void {
  // An older V8 does not know the flag and would say so on standard error.
  const [major = '0'] = process.versions.v8.split('.')
  if (Number(major) >= 13) v8.setFlagsFromString('--scavenger-max-new-space-capacity-mb=1')
}
