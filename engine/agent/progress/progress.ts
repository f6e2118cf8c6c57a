import type { RunState } from '../../contract/index.ts';
import { createSpeed } from './speed.ts';
import { timeLeft } from './time-left.ts';

const counted = ['foundFiles', 'foundBytes', 'doneBytes', 'readBytes', 'newBytes', 'storedBytes'] as const;
type Counts = { readonly [Count in (typeof counted)[number]]: number };

type Moment = {
  readonly scanning: boolean;
  /** Nothing but sending is left. */
  readonly sending: boolean;
  /** Of what is sealed and not yet at the place. */
  readonly waitingBytes: number;
};

export type ProgressFigures = Pick<RunState, keyof Counts | 'bytesPerSecond' | 'secondsLeft'>;

/**
 * The figures of one run as people see them: none goes back, whatever is counted again below (a pass over what was void, a
 * file that shrank while it was read).
 */
export type Progress = {
  update(now: Counts & Moment, monotonicMs: number): ProgressFigures;
  /** The next place begins to count from 0: its bytes come on top. Its files are the same files. */
  nextPlace(): void;
};

export function createProgress(): Progress {
  const reading = createSpeed({ memoryMs: 3_000, stepMs: 250 });
  let before = none;
  let shown = none;
  let left = timeLeft();
  let sendingLeft = timeLeft();
  return {
    update({ scanning, sending, waitingBytes, ...now }, monotonicMs) {
      shown = highest(shown, onTop(before, now));
      reading.update(shown.readBytes, monotonicMs);
      // Of this place alone: what an earlier one left undone when it failed is not waited for.
      const bytesLeft = now.foundBytes - now.doneBytes;
      const sent = { doneBytes: now.storedBytes, bytesLeft: waitingBytes, scanning: !sending, monotonicMs };
      const secondsLeft = sending
        ? sendingLeft(sent)
        : left({ doneBytes: now.doneBytes, bytesLeft, scanning, monotonicMs });
      return { ...shown, bytesPerSecond: Math.round(reading.bytesPerSecond()), secondsLeft };
    },
    nextPlace() {
      before = shown;
      left = timeLeft();
      sendingLeft = timeLeft();
    },
  };
}

const none: Counts = { foundFiles: 0, foundBytes: 0, doneBytes: 0, readBytes: 0, newBytes: 0, storedBytes: 0 };

function onTop(before: Counts, now: Counts): Counts {
  return {
    foundFiles: now.foundFiles,
    foundBytes: before.foundBytes + now.foundBytes,
    doneBytes: before.doneBytes + now.doneBytes,
    readBytes: before.readBytes + now.readBytes,
    newBytes: before.newBytes + now.newBytes,
    storedBytes: before.storedBytes + now.storedBytes,
  };
}

/** Never less than was shown; and what is done has been found, though a file may have grown since. */
function highest(shown: Counts, now: Counts): Counts {
  const most = { ...shown };
  for (const count of counted) most[count] = Math.max(shown[count], now[count]);
  return { ...most, foundBytes: Math.max(most.foundBytes, most.doneBytes) };
}
