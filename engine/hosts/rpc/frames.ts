import { CofferError, limits } from '../../base/index.ts';

/** A frame: the length of what follows in 4 bytes (big-endian), then a message as JSON in UTF-8. */
const headBytes = 4;

export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  if (body.length > limits.messageBytes) throw new CofferError('agent.tooLarge');
  const frame = Buffer.allocUnsafe(headBytes + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, headBytes);
  return frame;
}

/**
 * Gives back a function that takes bytes as they come and calls `hear` with each whole message. False: what arrived is no
 * frame, and nothing after it can be either. Bytes are held as they came until a frame is whole, so that many small pieces
 * of a large one are copied once.
 */
export function createFrameReader(hear: (message: unknown) => void): (bytes: Buffer) => boolean {
  let pieces: Buffer[] = [];
  let held = 0;

  /** The bytes at the front, in one piece. */
  function front(length: number): Buffer {
    let whole = pieces[0] ?? Buffer.alloc(0);
    if (whole.length < length) {
      whole = Buffer.concat(pieces, held);
      pieces = [whole];
    }
    return whole.subarray(0, length);
  }

  function drop(length: number): void {
    const [first = Buffer.alloc(0), ...others] = pieces;
    const rest = first.subarray(length);
    pieces = rest.length === 0 ? others : [rest, ...others];
    held -= length;
  }

  return (bytes) => {
    pieces.push(bytes);
    held += bytes.length;
    while (held >= headBytes) {
      const length = front(headBytes).readUInt32BE();
      if (length > limits.messageBytes) return false;
      if (held < headBytes + length) break;
      const message = parseMessage(front(headBytes + length).subarray(headBytes));
      if (message === undefined) return false;
      drop(headBytes + length);
      hear(message);
    }
    return true;
  };
}

/** Undefined when it is none, which JSON cannot say. */
function parseMessage(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}
