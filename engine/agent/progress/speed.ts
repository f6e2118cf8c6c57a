/** Bytes per second of a count that grows, with the newest seconds counting most. */
export type Speed = {
  /** Monotonic; a count below the last one counts as no growth. */
  update(bytes: number, monotonicMs: number): void;
  bytesPerSecond(): number;
};

/** After `memoryMs` what went before counts a third; updates closer than `stepMs` are taken together, since bytes come in lumps. */
export function createSpeed({ memoryMs, stepMs }: { readonly memoryMs: number; readonly stepMs: number }): Speed {
  let last: { bytes: number; atMs: number } | null = null;
  let speed: number | null = null;
  return {
    update(bytes, monotonicMs) {
      last ??= { bytes, atMs: monotonicMs };
      const passedMs = monotonicMs - last.atMs;
      if (passedMs < stepMs) return;
      const now = (Math.max(0, bytes - last.bytes) / passedMs) * 1000;
      // By the time that passed and not by the number of updates, so that their rhythm does not matter.
      speed = speed === null ? now : speed + (now - speed) * (1 - Math.exp(-passedMs / memoryMs));
      last = { bytes, atMs: monotonicMs };
    },
    bytesPerSecond: () => speed ?? 0,
  };
}
