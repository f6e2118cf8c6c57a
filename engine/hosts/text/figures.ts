/** Figures as people read them: 48,210 files · 12.4 GB · 4.2 s · 3–5 s left. */
/** As en-US writes numbers; its own formatter takes 13 ms to make, which a person would wait for. */
function grouped(value: number, digits: number): string {
  const [whole = '', fraction = ''] = value.toFixed(digits).split('.');
  const rest = fraction.replace(/0+$/, '');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest === '' ? '' : `.${rest}`);
}

export function formatCount(count: number): string {
  return grouped(count, 0);
}

/** "1 file", "2,118 files"; the plural is the singular with an s unless it is given. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

export function formatBytes(bytes: number): string {
  const { value, unit } = inUnit(bytes);
  return `${value} ${unit}`;
}

/** "1.2 of 3.8 GB", with the unit said once where both have the same. */
export function formatShare(done: number, total: number): string {
  const [part, all] = [inUnit(done), inUnit(total)];
  return part.unit === all.unit
    ? `${part.value} of ${all.value} ${all.unit}`
    : `${formatBytes(done)} of ${formatBytes(total)}`;
}

function inUnit(bytes: number): { readonly value: string; readonly unit: string } {
  let value = bytes;
  let unit = 0;
  // What would be shown as 1,000 belongs to the next unit.
  while (Math.abs(value) >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || Math.abs(value) >= 99.95 ? 0 : 1;
  return { value: grouped(value, digits), unit: units[unit] ?? '' };
}

export function formatSeconds(seconds: number): string {
  if (seconds < 99.95) return `${grouped(seconds, 1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/**
 * What is left as a range, because one number would be a promise: a quarter less to a quarter more than at the speed so
 * far. Null while too little is done to say anything.
 */
export function formatTimeLeft(done: number, total: number, seconds: number): string | null {
  if (seconds < 1 || done <= 0 || done >= total || done < total / 100) return null;
  const left = ((total - done) / done) * seconds;
  return formatSecondsLeft(left * 0.75, left * 1.25);
}

/** "3–5 s left", "7–13 min left". */
export function formatSecondsLeft(from: number, to: number): string {
  const { size, name } =
    to < 100 ? { size: 1, name: 's' } : to < 6000 ? { size: 60, name: 'min' } : { size: 3600, name: 'h' };
  const [low, high] = [Math.max(1, Math.floor(from / size)), Math.max(1, Math.ceil(to / size))];
  return low === high ? `${low} ${name} left` : `${low}–${high} ${name} left`;
}
