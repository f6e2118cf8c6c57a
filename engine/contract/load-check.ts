import type { checkCall } from './check-call.ts';

/** Only the agent's side validates, and no face should load what it needs for that. */
export const loadCallCheck = async (): Promise<typeof checkCall> => (await import('./check-call.ts')).checkCall;
