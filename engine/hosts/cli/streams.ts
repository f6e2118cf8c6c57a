import { isatty, type ReadStream, type WriteStream } from 'node:tty';
import { CofferError, systemCode } from '../../base/index.ts';
import { systemReason } from '../text/reasons.ts';
import type { Keyboard, OutputStream } from './host.ts';

/** A reader that went away is quiet; a disk that is full behind `> file` is an error. */
export function outputStreamOf(stream: WriteStream): OutputStream {
  let isClosed = false;
  // Each failure reaches the callback of its write; without a listener the event would end the process.
  stream.on('error', () => {});
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      // A terminal that does not know its size says 0.
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    get isClosed() {
      return isClosed;
    },
    write: (data) =>
      new Promise((resolve, reject) => {
        if (isClosed) return resolve();
        stream.write(data, (error) => {
          if (error === null || error === undefined) return resolve();
          isClosed = true;
          if (systemCode(error) === 'EPIPE' || systemCode(error) === 'ERR_STREAM_DESTROYED') return resolve();
          reject(new CofferError('output.failed', { detail: systemReason(error) }, error));
        });
      }),
  };
}

/** Standard input as a keyboard; opened only when something is asked. */
export function keyboardOf(input: () => ReadStream): Keyboard {
  return {
    isTerminal: isatty(0),
    listen: (onText) => {
      const stream = input();
      stream.setEncoding('utf8');
      stream.setRawMode(true);
      stream.on('data', onText);
      stream.resume();
      return () => {
        stream.off('data', onText);
        stream.pause();
        stream.setRawMode(false);
      };
    },
  };
}
