import { later } from '../base/index.ts';

export type { DrillOptions, DrillProgress, DrillResult } from './drill/drill.ts';
export type { DrillFailure, DrillReport, KeptReport, SignedReport } from './drill/report.ts';
export type { Observed } from './observe-vault.ts';
export type { Moment, ObservedTime } from './observed-time.ts';
export type { ForgottenSnapshot } from './retention/forgotten.ts';
export type { KeepReason } from './retention/plan.ts';
export type { RetentionPolicy } from './retention/policy.ts';
export type { VaultPlan } from './retention/vault-plan.ts';
export type { AtPlace } from './space/overview.ts';
export type { SpaceBy } from './space/parts.ts';
export type { Space, SpaceOptions, SpacePart } from './space/space.ts';
export type { Amount } from './sweep/plan.ts';
export type { PreparedSweep, SweepOptions, SweepResult } from './sweep/sweep.ts';
export type { Reach } from './verify/choose.ts';
export type { VerifyOptions, VerifyProgress, VerifyResult } from './verify/verify.ts';

const forgotten = () => import('./retention/forgotten.ts');

export const observeVault = later(async () => (await import('./observe-vault.ts')).observeVault);
export const planForVault = later(async () => (await import('./retention/vault-plan.ts')).planForVault);
export const changeSnapshots = later(async () => (await import('./retention/change.ts')).changeSnapshots);
export const freedBytes = later(async () => (await import('./retention/freed.ts')).freedBytes);
export const listForgotten = later(async () => (await forgotten()).listForgotten);
export const lastForgotten = later(async () => (await forgotten()).lastForgotten);
export const verifyVault = later(async () => (await import('./verify/verify.ts')).verifyVault);
export const measureSpace = later(async () => (await import('./space/space.ts')).measureSpace);
export const drillVault = later(async () => (await import('./drill/drill.ts')).drillVault);
export const keptReports = later(async () => (await import('./drill/report.ts')).keptReports);
export const prepareSweep = later(async () => (await import('./sweep/sweep.ts')).prepareSweep);
export const executeSweep = later(async () => (await import('./sweep/sweep.ts')).executeSweep);
