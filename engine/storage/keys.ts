import { assert } from '../base/index.ts';

/**
 * The keys of FORMAT.md section 2, as a tree. Stores know it so that a listing can tell objects from folders without asking
 * the disk, ignores whatever else lies in the place, and no key can lead out of it.
 */
export type Level = readonly Branch[];
export type Branch = {
  readonly fits: (name: string, parent: string) => boolean;
  /** What is below a folder; null for an object. */
  readonly below: Level | null;
};

const like =
  (pattern: RegExp) =>
  (name: string): boolean =>
    pattern.test(name);
const hash = like(/^[0-9a-f]{64}$/);
const device = like(/^[0-9a-f]{32}$/);

const folder = (name: string, below: Level): Branch => ({ fits: (other) => other === name, below });
const object = (fits: Branch['fits']): Branch => ({ fits, below: null });

export const layout: Level = [
  object((name) => name === 'config'),
  folder('heads', [{ fits: device, below: [object(like(/^[0-9]{10}$/))] }]),
  folder('index', [object(hash)]),
  folder('keys', [object(hash)]),
  folder('packs', [
    { fits: like(/^[0-9a-f]{2}$/), below: [object((name, parent) => hash(name) && name.startsWith(parent))] },
  ]),
  folder('refs', [object(hash)]),
  folder('snapshots', [{ fits: device, below: [object(like(/^[0-9]{10}-[0-9a-f]{64}$/))] }]),
];

export function isObjectKey(key: string): boolean {
  let level: Level | null = layout;
  let parent = '';
  for (const name of key.split('/')) {
    if (level === null) return false;
    const branch: Branch | undefined = level.find((one) => one.fits(name, parent));
    if (branch === undefined) return false;
    level = branch.below;
    parent = name;
  }
  return level === null;
}

/** Keys are made by our own code from checked ids; one that is not a key is a mistake of ours. */
export function assertKey(key: string): void {
  assert(isObjectKey(key), `not the key of an object: ${key}`);
}

export function assertPrefix(prefix: string): void {
  assert(/^[a-z0-9/-]*$/.test(prefix), `not the beginning of a key: ${prefix}`);
}

/** The SHA-256 that a key promises for its object's bytes; null for keys that promise none. */
export function hashInKey(key: string): string | null {
  return /(?:\/|-)([0-9a-f]{64})$/.exec(key)?.[1] ?? null;
}
