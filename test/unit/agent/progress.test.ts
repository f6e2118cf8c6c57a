import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createProgress, type ProgressFigures } from '../../../engine/agent/progress/index.ts';

const reading = { scanning: false, sending: false, waitingBytes: 0 };
const none = { foundFiles: 0, foundBytes: 0, doneBytes: 0, readBytes: 0, newBytes: 0, storedBytes: 0, ...reading };
const MB = 1e6;
const whole = { ...none, foundFiles: 10, foundBytes: 100 * MB };

/** Ten times a second, so many seconds, from one count of bytes to another. */
function work(
  progress: ReturnType<typeof createProgress>,
  fromSecond: number,
  toSecond: number,
  from: number,
  to: number,
) {
  const shown: ProgressFigures[] = [];
  for (let step = 0; step <= (toSecond - fromSecond) * 10; step += 1) {
    const bytes = from + ((to - from) * step) / ((toSecond - fromSecond) * 10);
    const now = { ...whole, doneBytes: bytes, readBytes: bytes };
    shown.push(progress.update(now, (fromSecond + step / 10) * 1000));
  }
  return shown;
}

const counts = ['foundFiles', 'foundBytes', 'doneBytes', 'readBytes', 'newBytes', 'storedBytes'] as const;

describe('the figures of a run', () => {
  test('are what is counted', () => {
    const now = { foundFiles: 7, foundBytes: 60, doneBytes: 50, readBytes: 40, newBytes: 30, storedBytes: 20 };
    const unknown = { bytesPerSecond: 0, secondsLeft: null };
    expect(createProgress().update({ ...reading, ...now, scanning: true }, 5)).toEqual({ ...now, ...unknown });
  });

  test('never go back, whatever is counted, over any number of places', () => {
    const count = fc.nat(1000);
    const update = fc.record({
      foundFiles: count,
      foundBytes: count,
      doneBytes: count,
      readBytes: count,
      newBytes: count,
      storedBytes: count,
      scanning: fc.boolean(),
      sending: fc.boolean(),
      waitingBytes: count,
      passedMs: fc.nat(5000),
      nextPlace: fc.nat(5).map((draw) => draw === 0),
    });
    const property = fc.property(fc.array(update, { maxLength: 40 }), (updates) => {
      const progress = createProgress();
      let atMs = 0;
      let last: ProgressFigures | null = null;
      for (const { nextPlace, passedMs, ...now } of updates) {
        if (nextPlace) progress.nextPlace();
        atMs += passedMs;
        const shown = progress.update(now, atMs);
        for (const name of counts) expect(shown[name]).toBeGreaterThanOrEqual(last?.[name] ?? 0);
        expect(shown.doneBytes).toBeLessThanOrEqual(shown.foundBytes);
        expect(shown.bytesPerSecond).toBeGreaterThanOrEqual(0);
        if (shown.secondsLeft !== null) {
          expect(shown.secondsLeft.least).toBeLessThanOrEqual(shown.secondsLeft.most);
          expect(shown.secondsLeft.least).toBeGreaterThanOrEqual(0);
          expect(shown.secondsLeft.most).toBeLessThan(Number.POSITIVE_INFINITY);
        }
        last = shown;
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('add up over places, and count files once', () => {
    const progress = createProgress();
    progress.update({ ...whole, doneBytes: 100 * MB }, 0);
    progress.nextPlace();
    const shown = progress.update({ ...whole, doneBytes: 30 * MB }, 100);
    expect(shown).toMatchObject({ foundFiles: 10, foundBytes: 200 * MB, doneBytes: 130 * MB });
  });

  test('speed follows the last seconds and does not jump', () => {
    const progress = createProgress();
    expect(work(progress, 0, 4, 0, 40 * MB).at(-1)?.bytesPerSecond).toBeCloseTo(10 * MB, -5);
    const slower = work(progress, 4, 14, 40 * MB, 50 * MB);
    expect(slower[5]?.bytesPerSecond).toBeGreaterThan(8 * MB);
    expect(slower.at(-1)?.bytesPerSecond).toBeLessThan(2 * MB);
  });
});

describe('the time left', () => {
  test('is that of sending, once nothing else is left', () => {
    const progress = createProgress();
    const read = { ...whole, doneBytes: 100 * MB };
    progress.update({ ...read, waitingBytes: 60 * MB }, 0);
    let left: ProgressFigures['secondsLeft'] = null;
    for (let second = 0; second <= 20; second++) {
      const sent = { storedBytes: second * MB, waitingBytes: (60 - second) * MB, sending: true };
      left = progress.update({ ...read, ...sent }, 1000 * second).secondsLeft;
    }
    expect(left?.least).toBeLessThanOrEqual(40);
    expect(left?.most).toBeGreaterThanOrEqual(40);
    expect(left?.most).toBeLessThan(60);
  });

  test('is not known while scanning, nor in the first seconds', () => {
    const progress = createProgress();
    for (let second = 0; second < 60; second += 1) {
      expect(progress.update({ ...whole, doneBytes: second, scanning: true }, second * 1000).secondsLeft).toBeNull();
    }
    expect(progress.update({ ...whole, doneBytes: 10 * MB }, 61_000).secondsLeft).toBeNull();
  });

  test('is a range around what it will be', () => {
    const { secondsLeft } = work(createProgress(), 0, 4, 0, 40 * MB).at(-1) ?? {};
    expect(secondsLeft).toEqual({ least: 5, most: 7 });
  });

  test('holds what it will be when the speed changes', () => {
    const progress = createProgress();
    work(progress, 0, 4, 0, 40 * MB);
    const { secondsLeft } = work(progress, 4, 9, 40 * MB, 65 * MB).at(-1) ?? {};
    expect(secondsLeft?.least).toBeLessThanOrEqual(7);
    expect(secondsLeft?.most).toBeGreaterThanOrEqual(5);
  });

  test('shrinks to nothing', () => {
    const shown = work(createProgress(), 0, 20, 0, 100 * MB).flatMap(({ secondsLeft }) => secondsLeft ?? []);
    for (const [index, now] of shown.entries()) {
      const last = shown[index - 1] ?? now;
      expect(now.least).toBeLessThanOrEqual(last.least);
      expect(now.most).toBeLessThanOrEqual(last.most);
    }
    expect(shown.at(-1)).toEqual({ least: 0, most: 0 });
  });

  test('is not known when nothing moves', () => {
    const progress = createProgress();
    work(progress, 0, 4, 0, 40 * MB);
    expect(work(progress, 4, 100, 40 * MB, 40 * MB).at(-1)?.secondsLeft).toBeNull();
  });

  test('does not wait for what a place that failed left undone', () => {
    const progress = createProgress();
    work(progress, 0, 4, 0, 40 * MB);
    progress.nextPlace();
    expect(work(progress, 4, 8, 0, 100 * MB).at(-1)?.secondsLeft).toEqual({ least: 0, most: 0 });
  });
});
