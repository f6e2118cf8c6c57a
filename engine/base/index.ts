export * from './bytes.ts';
export { catalogue, type ErrorCode, type ExitName, exitCodes, type Retry } from './catalogue.ts';
export * from './clock.ts';
export * from './errors.ts';
export * from './ids.ts';
export { later, laterEach } from './later.ts';
export { limits } from './limits.ts';
export * from './log.ts';
export * from './random.ts';
