/** How quick a line is while anything is under way: the times between say nothing about it. */
export type LineRate = {
  began(nowMs: number): void;
  /** `sentBytes`: what has arrived by this, 0 where it failed or was there already. */
  ended(nowMs: number, sentBytes: number): void;
  /** Bytes per second; null while too little has arrived to tell. */
  at(nowMs: number): number | null;
};

/** Less than that is mostly waiting for answers. */
const tellingBytes = 4 * 1024 * 1024;

export function createLineRate(): LineRate {
  let underWay = 0;
  let sinceMs = 0;
  let busyMs = 0;
  let bytes = 0;
  return {
    began(nowMs) {
      if (underWay++ === 0) sinceMs = nowMs;
    },
    ended(nowMs, sentBytes) {
      bytes += sentBytes;
      if (--underWay === 0) busyMs += nowMs - sinceMs;
    },
    at(nowMs) {
      const tookMs = busyMs + (underWay > 0 ? nowMs - sinceMs : 0);
      return bytes < tellingBytes || tookMs <= 0 ? null : (bytes / tookMs) * 1000;
    },
  };
}
