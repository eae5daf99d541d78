import { randomUUID } from 'node:crypto'

const PROCESS_NAME = /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/

/**
 * Whether `text` is the name a process draws for itself: the 32 hex digits of a version-4 UUID,
 * as Python's `uuid4().hex` prints it (Rasa 3.6 core/agent.py, `_set_fingerprint`).
 *
 * An MD5 hash has 32 hex digits too; the version and variant digits tell them apart in 63 of 64 cases.
 */
export function isProcessName(text: string): boolean {
  return PROCESS_NAME.test(text)
}

/** Draws a new process name, as Rasa does when it starts. */
export function newProcessName(): string {
  return randomUUID().replaceAll('-', '')
}
