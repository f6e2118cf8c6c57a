export * from './agent-api.ts';
export type { Call } from './check-call.ts';
export { loadCallCheck } from './load-check.ts';
export { type Reason, type ReasonCode, reason, reasonCodes } from './reasons.ts';
export * from './state.ts';
