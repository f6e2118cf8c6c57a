import { later } from '../base/index.ts';

export type { Reach } from './verify/choose.ts';
export type { VerifyOptions, VerifyProgress, VerifyResult } from './verify/verify.ts';

export const verifyVault = later(async () => (await import('./verify/verify.ts')).verifyVault);
