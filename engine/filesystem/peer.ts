import { loadLibrary } from './native.ts';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** Who is at the other end of a local socket, as the kernel saw it when the two were connected. */
export type Peer = { readonly processId: number; readonly userId: number };

/** A function that asks about a socket's descriptor; null where the system cannot tell, and permissions alone must do. */
export function createPeerCheck(): ((fd: number) => Peer) | null {
  const library = loadLibrary();
  const ask = library?.find('getsockopt');
  if (!library || !ask) return null;
  // A `struct ucred` (process, user, group), and its length.
  const record = new DataView(new ArrayBuffer(12));
  const length = new DataView(new ArrayBuffer(4));
  return (fd) => {
    length.setUint32(0, record.byteLength, true);
    const failed = ask(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(record.buffer), new Uint8Array(length.buffer));
    if (failed !== 0) library.fail('getsockopt');
    return { processId: record.getInt32(0, true), userId: record.getUint32(4, true) };
  };
}
