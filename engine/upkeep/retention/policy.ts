/** What is kept of the snapshots of one set of sources; what several rules name is kept once. */
export type RetentionPolicy = {
  /** The newest, whatever their times. */
  readonly last: number;
  /** The newest of each of so many hours, days, weeks, months and years that have one. */
  readonly hourly: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  /** All that this installation has not known for longer than this; 0: not a rule. */
  readonly withinMs: number;
  /** All with one of these marks. */
  readonly tags: readonly string[];
};

export const emptyPolicy: RetentionPolicy = {
  last: 0,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  withinMs: 0,
  tags: [],
};

/** A policy without a rule would let everything go but the newest: nobody means that. */
export function isEmptyPolicy({ tags, ...counts }: RetentionPolicy): boolean {
  return tags.length === 0 && Object.values(counts).every((count) => count === 0);
}
