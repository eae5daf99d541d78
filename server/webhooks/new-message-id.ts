import { randomUUID } from 'node:crypto'

/** Draws the name of a message, by which receivers know that they have it (`webhook-id` of Standard Webhooks). */
export function newMessageId(): string {
  return `msg_${randomUUID().replaceAll('-', '')}`
}
