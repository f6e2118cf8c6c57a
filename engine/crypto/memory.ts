/**
 * Gives the memory of a large array back at once; the array is empty afterwards. Left to the collector, the half megabytes
 * of codecs and ciphers pile up outside its heap, and the collections that they force cost more than the work itself.
 * Small Buffers share a pool with strangers and are left alone.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
