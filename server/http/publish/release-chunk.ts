/**
 * Gives the memory of a chunk of a request back at once. Node copies every 64 kB of a body into memory of its own
 * outside the heap; the garbage collector, which counts the small object in front of it, would leave tens of megabytes
 * of them lying about until it runs.
 *
 * @param chunk As the request gave it; empty afterwards. Nobody may look at it any more.
 */
export function releaseChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0)
}
