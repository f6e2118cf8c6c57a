import { later } from '../base/index.ts';

export type { Observed } from './observe-vault.ts';
export type { Moment, ObservedTime } from './observed-time.ts';
export type { Judged, JudgedGroup, KeepReason, RetentionPlan } from './retention/plan.ts';
export type { RetentionPolicy } from './retention/policy.ts';
export type { AtPlace } from './space/overview.ts';
export type { SpaceBy } from './space/parts.ts';
export type { Space, SpaceOptions, SpacePart } from './space/space.ts';
export type { Reach } from './verify/choose.ts';
export type { VerifyOptions, VerifyProgress, VerifyResult } from './verify/verify.ts';

export const observeVault = later(async () => (await import('./observe-vault.ts')).observeVault);
export const verifyVault = later(async () => (await import('./verify/verify.ts')).verifyVault);
export const measureSpace = later(async () => (await import('./space/space.ts')).measureSpace);
