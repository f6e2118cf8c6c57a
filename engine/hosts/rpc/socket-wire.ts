import type { Socket } from 'node:net';
import { createFrameReader, encodeFrame } from './frames.ts';
import type { Wire } from './wire.ts';

export type SocketWireOptions = {
  /**
   * Whether to stop reading while what was sent waits: then a face that asks and never reads costs no memory. Of the two
   * ends only the agent's does, or both could wait for each other.
   */
  readonly holdsBack: boolean;
};

export function wireOverSocket(socket: Socket, { holdsBack }: SocketWireOptions): Wire {
  let isOpen = true;
  let whenClosed = (): void => {};

  function shut(): void {
    if (!isOpen) return;
    isOpen = false;
    whenClosed();
  }

  return {
    send(message) {
      if (!isOpen) return;
      const isFull = !socket.write(encodeFrame(message));
      if (isFull && holdsBack) socket.pause();
    },
    get isBusy() {
      return socket.writableNeedDrain;
    },
    start({ message, drained, closed }) {
      whenClosed = closed;
      const read = createFrameReader((value) => {
        if (isOpen) message(value);
      });
      socket.on('data', (bytes) => {
        if (isOpen && !read(bytes)) socket.destroy();
      });
      socket.on('drain', () => {
        if (isOpen) drained();
        if (!socket.writableNeedDrain) socket.resume();
      });
      socket.on('error', () => {}); // 'close' follows.
      socket.on('close', shut);
    },
    close() {
      shut();
      socket.destroySoon();
    },
  };
}
