export * from './agent-api.ts';
export { type Reason, type ReasonCode, reason, reasonCodes, reasonSchema } from './reasons.ts';
export * from './state.ts';
