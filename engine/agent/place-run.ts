import { type CofferError, isCofferError } from '../base/index.ts';
import type { Pace, Place, Source } from '../contract/index.ts';
import type { SharedPulse } from '../filesystem/index.ts';
import type { Vault } from '../repository/index.ts';
import {
  type BackupProgress,
  type BackupResult,
  type BackupSource,
  backup,
  type KeptCache,
  type Look,
  type RunBound,
} from '../snapshot/index.ts';
import { observeVault } from '../upkeep/index.ts';
import type { Keyring } from './keyring.ts';
import { openPlace, type PlaceOpening } from './open-place.ts';
import type { AgentPorts, Identity } from './ports.ts';
import { rulesOf } from './source-rules.ts';

/** How a run over one place ended. An error that is no CofferError is ours, and ends the agent. */
export type RunEnd =
  | { readonly kind: 'done'; readonly result: BackupResult }
  | { readonly kind: 'failed'; readonly error: CofferError }
  | { readonly kind: 'stopped' }
  /** What was to be looked at is not there any more: no fault of the place, and no reason to look again at once. */
  | { readonly kind: 'sourceGone' };

export type PlaceRun = {
  readonly place: Pick<Place, 'url' | 'vault'>;
  readonly sources: readonly { readonly source: Source; readonly look: Look | null }[];
  readonly pace: Pace;
  readonly keyring: Keyring;
  readonly signal: AbortSignal;
  readonly pulse: SharedPulse;
  readonly bound: RunBound;
  readonly kept: KeptCache;
  readonly onProgress: (progress: BackupProgress) => void;
};

/** In the words of whoever meets its lock. */
export const holderOf = ({ processId }: Identity): string => `the background agent, process ${processId}`;

/** One snapshot of all sources in one place. */
export async function runPlace(ports: AgentPorts, identity: Identity, run: PlaceRun): Promise<RunEnd> {
  const { host, user, userHome, platform, version } = identity;
  const { place, pace, keyring, signal, pulse, bound, kept, onProgress } = run;
  const holder = holderOf(identity);
  const sources = run.sources.map(({ source, look }): BackupSource => {
    const { oneFileSystem } = source.rules;
    return { path: source.path, rules: rulesOf(source.rules), otherFileSystems: !oneFileSystem, ...(look && { look }) };
  });
  try {
    const options = {
      sources,
      pace,
      tags: [],
      app: `coffer ${version}`,
      host,
      user,
      userHome,
      platform,
      signal,
      pulse,
      bound,
      kept,
      onProgress,
    };
    return {
      kind: 'done',
      result: await backup(ports, openObserved(ports, { place, keyring, signal, holder, mode: 'write' }), options),
    };
  } catch (error) {
    // A place that was about to be asked when the run was stopped answers with the reason of the signal.
    if (signal.aborted && error === signal.reason) return { kind: 'stopped' };
    if (!isCofferError(error)) throw error;
    if (error.code === 'cancelled') return { kind: 'stopped' };
    return error.code === 'path.notFound' ? { kind: 'sourceGone' } : { kind: 'failed', error };
  }
}

/** Runs come often, so little time goes by that nobody counts. */
async function openObserved(ports: AgentPorts, opening: PlaceOpening): Promise<Vault> {
  const vault = await openPlace(ports, opening);
  await observeVault(ports, vault, vault.logs);
  return vault;
}
