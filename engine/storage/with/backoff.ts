export type Backoff = {
  /** How often it is tried in all. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
};

/**
 * The longest pause after the given number of failures (from 1). The pause itself is drawn evenly between nothing and this
 * (full jitter), so that many that failed together do not come back together.
 */
export function backoffCeilingMs(failures: number, { baseMs, capMs }: Pick<Backoff, 'baseMs' | 'capMs'>): number {
  return Math.min(capMs, baseMs * 2 ** (failures - 1));
}
