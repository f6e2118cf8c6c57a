export { decide } from './decide.ts';
export { forbids } from './forbids.ts';
export { holdPause, pausedBecause } from './pause.ts';
export type { Decision, Dirty, HeldPause, LastRun, Situation } from './types.ts';
