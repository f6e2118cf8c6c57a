export { decide } from './decide.ts';
export { forbids } from './forbids.ts';
export { localMinuteOfDay } from './local-time.ts';
export { holdPause, pausedBecause } from './pause.ts';
export { rateAt } from './rate.ts';
export type { Decision, Dirty, HeldPause, LastRun, Situation } from './types.ts';
