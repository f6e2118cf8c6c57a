import type { checkCall } from './check-call.ts';

/** Only the agent's side validates: the schemas cost a third of a second to load, which no face should wait for. */
export const loadCallCheck = async (): Promise<typeof checkCall> => (await import('./check-call.ts')).checkCall;
