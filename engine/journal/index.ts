export { type Journal, type JournalPorts, openJournal } from './journal.ts';
export type { KnownPlace } from './tables/places.ts';
export type { DoneRun, Run, RunDone, RunOutcome } from './tables/runs.ts';
export { defaultSettings } from './tables/settings.ts';
