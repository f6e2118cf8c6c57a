import type { Clock } from '../../base/index.ts';
import { cutTo } from '../text/width.ts';
import type { OutputStream } from './host.ts';

/** One line on a terminal that shows what runs now; nowhere else does it write anything. */
export type LiveLine = {
  /** Shows the text unless the last one is too young; the text is only made when it is shown. */
  show(text: () => string): void;
  clear(): void;
  /** Out of the way while a question is asked. */
  hold(): void;
  release(): void;
};

/** People cannot read faster, and each line costs a write to the terminal. */
const pauseMs = 100;

export const noLiveLine: LiveLine = { show: () => {}, clear: () => {}, hold: () => {}, release: () => {} };

export function createLiveLine(screen: OutputStream, clock: Clock): LiveLine {
  let shownAt = Number.NEGATIVE_INFINITY;
  let isShown = false;
  let isHeld = false;
  const put = (text: string): void => void screen.write(text).catch(() => {});
  const clear = (): void => {
    if (isShown) put('\r\x1b[K');
    isShown = false;
  };
  return {
    show: (text) => {
      const now = clock.monotonic();
      if (isHeld || now - shownAt < pauseMs) return;
      shownAt = now;
      isShown = true;
      // One column stays free: some terminals begin a new line when the last one is filled.
      put(`\r${cutTo(text(), screen.columns - 1)}\x1b[K`);
    },
    clear,
    hold: () => {
      clear();
      isHeld = true;
    },
    release: () => {
      isHeld = false;
    },
  };
}
