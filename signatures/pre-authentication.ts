/**
 * What is signed of a DSSE envelope: its payload, bound to its type and to the lengths of both (DSSE protocol v1.0.0,
 * "Pre-Authentication Encoding").
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType)
  const head = `DSSEv1 ${type.length} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}
