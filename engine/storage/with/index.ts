export { type Backoff, backoffCeilingMs } from './backoff.ts';
export { type DeadlineOptions, leastRate, withDeadline } from './deadline.ts';
export * as faultPlans from './fault-plans.ts';
export { type Fault, type FaultCall, type FaultPlan, type StoreOperation, withFaults } from './faults.ts';
export { withLog } from './log.ts';
export { type RetryOptions, withRetry } from './retry.ts';
export { type ThrottleOptions, withThrottle } from './throttle.ts';
