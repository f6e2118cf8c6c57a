/** How old a snapshot is, roughly, the youngest first. */
export const ages = ['day', 'week', 'month', 'year', 'older'] as const;

export type Age = (typeof ages)[number];

const dayMs = 86_400_000;
const upTo: readonly (readonly [Age, number])[] = [
  ['day', dayMs],
  ['week', 7 * dayMs],
  ['month', 30 * dayMs],
  ['year', 365 * dayMs],
];

/** Of a time that is still to come: up to a day. Only shown, so that the wall clock is good enough. */
export function ageAt(nowMs: number, ms: number): Age {
  return upTo.find(([, most]) => nowMs - ms <= most)?.[0] ?? 'older';
}
