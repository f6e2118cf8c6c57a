export { createGrowingPool } from './growing.ts';
export type { Pace } from './pace.ts';
export { createInlinePool, createPool, type JobTypes, type Pool, type PoolOptions, workerCount } from './pool.ts';
export { type Emit, Handover, type Labour, type MakeLabour } from './protocol.ts';
export { serve } from './worker.ts';
