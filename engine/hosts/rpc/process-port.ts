import type { Port } from './port-wire.ts';

/** One end of the channel between Node and a child process of it: `process` in the child, what `fork` returned in the parent. */
export type ProcessEnd = {
  send?(message: unknown, handle: undefined, options: undefined, sent: (error: Error | null) => void): boolean;
  on(event: 'message' | 'disconnect', hear: (value?: unknown) => void): unknown;
  off(event: 'message' | 'disconnect', hear: (value?: unknown) => void): unknown;
};

/** Messages on their way before the channel counts as busy: a few are always, since the outcome is told a moment later. */
const messagesUnderWay = 16;

export function portOfProcess(end: ProcessEnd): Port {
  let underWay = 0;
  let drained = (): void => {};
  const sent = (): void => {
    underWay--;
    if (underWay === messagesUnderWay - 1) drained();
  };
  const nameOf = (event: 'message' | 'close') => (event === 'close' ? 'disconnect' : event);
  return {
    postMessage(value) {
      underWay++;
      // A channel that is gone says so through `sent`, and by its own event.
      end.send?.(value, undefined, undefined, sent);
    },
    on: (event, hear) => end.on(nameOf(event), hear),
    off: (event, hear) => end.off(nameOf(event), hear),
    get isBusy() {
      return underWay >= messagesUnderWay;
    },
    onDrained(hear) {
      drained = hear;
    },
  };
}
