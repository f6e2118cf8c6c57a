export { createInlinePool, createPool, type JobTypes, type Pool, type PoolOptions } from './pool.ts';
export { type Emit, Handover, type Labour, type MakeLabour } from './protocol.ts';
export { serve } from './worker.ts';
