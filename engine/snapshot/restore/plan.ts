import { CofferError, systemCode, toHex } from '../../base/index.ts';
import { isBelow, joinPath, nameFromBytes, withLongPaths } from '../../filesystem/index.ts';
import { deferredReason } from '../../format/index.ts';
import { openTree, type Ports, type Vault, type VaultIndex } from '../../repository/index.ts';
import { type Header, hasEnded } from './journal.ts';

import { isObjectDamage } from './pack-job.ts';
import { recordsOf, removeExpired } from './record.ts';
import { type Root, type Selection, select } from './selection.ts';
import type { Mapping, RestoreOptions } from './types.ts';

/** What a restore will do, to be shown before it runs. */
export type RestorePlan = {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
  /** Names that are taken. */
  readonly conflicts: number;
  readonly mappings: readonly Mapping[];
  /** An interrupted restore of the same choice goes on. */
  readonly resumes: boolean;
  readonly [details]: PlanDetails;
};

/** For `executeRestore` alone; a symbol, so that nobody prints or sends it. */
export const details: unique symbol = Symbol('details');
export type PlanDetails = {
  readonly options: RestoreOptions;
  readonly selection: Selection;
  readonly header: Header;
};

/** A vault with what its packs hold. */
export type OpenedVault = { readonly vault: Vault; readonly index: VaultIndex };

export async function planRestore(
  ports: Ports,
  { vault, index }: OpenedVault,
  options: RestoreOptions,
): Promise<RestorePlan> {
  removeExpired(ports);
  const selection = await select(index, options);
  const isEmpty = options.target === null ? false : checkTarget(ports, vault, options.target);
  const earlier = findInterrupted(ports, vault, options);
  if (options.target !== null && !isEmpty && earlier === null && options.onConflict === undefined) {
    throw new CofferError('target.notEmpty', { path: options.target });
  }
  const survey = createSurvey(ports, index);
  const isWhole = options.paths.length === 0 && !options.snapshot.snapshot.excluded.has(deferredReason);
  for (const root of selection.roots)
    await survey.look(root, { counting: !isWhole, comparing: !isEmpty && earlier === null });
  const { counts, bytes } = options.snapshot.snapshot;
  const figures = isWhole ? { files: counts.files, folders: counts.folders, bytes: bytes.total } : survey.figures;
  const header: Header = earlier ?? {
    version: 1,
    id: toHex(ports.random.bytes(8)),
    at: ports.clock.now(),
    vault: vault.id,
    snapshot: options.snapshot.id,
    paths: options.paths,
    target: options.target,
    policy: options.onConflict ?? null,
    userHome: options.userHome,
    ownsAll: isEmpty,
  };
  return {
    files: figures.files,
    folders: figures.folders,
    bytes: figures.bytes,
    conflicts: survey.conflicts(),
    mappings: selection.mappings,
    resumes: earlier !== null,
    [details]: { options, selection, header },
  };
}

/** Whether the target is empty, or yet to be made. */
function checkTarget({ fileSystem, home }: Ports, vault: Vault, target: string): boolean {
  const unusable = (detail: string): CofferError => new CofferError('target.unusable', { path: target, detail });
  if (!target.startsWith('/') || target.includes('\0')) throw unusable('it is not an absolute path');
  for (const own of [vault.url, home]) {
    if (target === own || isBelow(target, own)) throw unusable('it lies inside a vault or among Coffer’s own data');
  }
  try {
    if (fileSystem.lstatIfThere(target) === null) return true;
    return fileSystem.list(target).length === 0;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOTDIR') throw unusable('it is not a folder');
    throw code === '' ? error : new CofferError('target.unusable', { path: target, detail: code }, error);
  }
}

function findInterrupted(ports: Ports, vault: Vault, options: RestoreOptions): Header | null {
  const isSame = (header: Header): boolean =>
    header.vault === vault.id &&
    header.snapshot === options.snapshot.id &&
    header.target === options.target &&
    header.policy === (options.onConflict ?? null) &&
    header.userHome === options.userHome &&
    header.paths.length === options.paths.length &&
    header.paths.every((path, at) => path === options.paths[at]);
  const candidates = recordsOf(ports).filter(
    ({ header, folder }) => isSame(header) && !hasEnded(ports.fileSystem, folder),
  );
  return candidates.sort((left, right) => right.header.at - left.header.at)[0]?.header ?? null;
}

type Survey = {
  readonly figures: { readonly files: number; readonly folders: number; readonly bytes: number };
  conflicts(): number;
  look(root: Root, what: { readonly counting: boolean; readonly comparing: boolean }): Promise<void>;
};

/** Counts what is below roots, and which names are taken. Reads no listing that can tell neither. */
function createSurvey(ports: Ports, index: VaultIndex): Survey {
  const fileSystem = withLongPaths(ports.fileSystem);
  const figures = { files: 0, folders: 0, bytes: 0 };
  let conflicts = 0;
  type Step = { readonly entry: Root['entry']; readonly path: string; readonly comparing: boolean };
  const isThere = (path: string): 'folder' | 'other' | null => {
    try {
      const stat = fileSystem.lstatIfThere(path);
      return stat && (stat.kind === 'folder' ? 'folder' : 'other');
    } catch (error) {
      // A name that cannot be there.
      if (systemCode(error) === '') throw error;
      return null;
    }
  };
  return {
    figures,
    conflicts: () => conflicts,
    async look({ entry: top, base, steps, name }, { counting, comparing }) {
      const stack: Step[] = [{ entry: top, path: [base.replace(/\/$/, ''), ...steps, name].join('/'), comparing }];
      for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
        const { entry, path } = step;
        const existing = step.comparing ? isThere(path) : null;
        if (existing !== null && (existing === 'other' || entry.kind !== 'folder')) conflicts++;
        if (entry.kind === 'file') {
          figures.files++;
          figures.bytes += entry.size;
        }
        if (entry.kind !== 'folder') continue;
        figures.folders++;
        const goesOn = existing === 'folder';
        if (entry.content === null || !(counting || goesOn)) continue;
        try {
          const { entries } = await openTree(index, entry.content, path);
          for (const below of entries) {
            stack.push({ entry: below, path: joinPath(path, nameFromBytes(below.name)), comparing: goesOn });
          }
        } catch (error) {
          if (!isObjectDamage(error)) throw error;
        }
      }
    },
  };
}
