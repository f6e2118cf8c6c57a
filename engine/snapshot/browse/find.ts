import { equalBytes, type SnapshotId, type Time, toHex } from '../../base/index.ts';
import { joinPath, nameFromBytes } from '../../filesystem/index.ts';
import type { TreeEntry } from '../../format/index.ts';
import { loadTree, type StoredSnapshot, type VaultIndex } from '../../repository/index.ts';
import { createDamage } from './damage.ts';
import { type EntryInfo, entryInfo } from './entry-info.ts';
import { type Found, sourcesOf } from './locate.ts';

/** A version of a file, with the oldest of the searched snapshots that has it. */
export type FoundVersion = EntryInfo & { readonly snapshot: SnapshotId; readonly firstSeen: Time };

/**
 * Entries whose name fits the pattern, in every snapshot given (oldest first), each distinct version once: another size,
 * time, content or kind makes a version; a folder counts once. A folder's listing that stands unchanged at the same path in
 * another snapshot is not read again, so that a hundred snapshots cost little more than one.
 */
export async function* findByName(
  index: VaultIndex,
  snapshots: readonly StoredSnapshot[],
  pattern: string,
): AsyncGenerator<FoundVersion> {
  const fits = namePattern(pattern);
  const damage = createDamage();
  const walked = new Set<string>();
  const versions = new Map<string, Version[]>();
  for (const stored of snapshots) {
    const stack: Found[] = sourcesOf(stored).reverse();
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { path, entry } = next;
      if (fits(nameFromBytes(entry.name)) && isNewVersion(versions, path, entry)) {
        yield { ...entryInfo(path, entry, next.header), snapshot: stored.id, firstSeen: stored.snapshot.started };
      }
      if (entry.kind !== 'folder' || entry.content === null) continue;
      const visit = `${toHex(entry.content)}/${path}`;
      if (walked.has(visit)) continue;
      walked.add(visit);
      try {
        const { header, entries } = await loadTree(index, entry.content, path);
        for (let at = entries.length - 1; at >= 0; at--) {
          const child = entries[at];
          if (child === undefined) continue;
          const name = nameFromBytes(child.name);
          // Most entries neither fit nor lead on; they cost no object.
          if (child.kind !== 'folder' && !fits(name)) continue;
          stack.push({ path: joinPath(path, name), entry: child, header });
        }
      } catch (error) {
        damage.note(error);
      }
    }
  }
  damage.throwIfAny();
}

/** `*` stands for any run of characters, `?` for one; neither case nor the form of accents matters. */
export function namePattern(pattern: string): (name: string) => boolean {
  const wanted = [...comparable(pattern)];
  return (name) => matches(wanted, comparable(name));
}

function comparable(text: string): string {
  const isPlain = !/[^\x00-\x7f]/.test(text);
  return (isPlain ? text : text.normalize('NFC')).toLowerCase();
}

/** Goes back to the last `*` only, so that no pattern takes more than pattern × name steps. */
function matches(pattern: readonly string[], text: string): boolean {
  const name = [...text];
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let step = 0; step < name.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = step;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[step])) {
      at++;
      step++;
    } else if (star >= 0) {
      at = star + 1;
      step = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** What tells versions apart; copied, so that a few hits do not keep whole listings in memory. */
type Version = {
  readonly kind: TreeEntry['kind'];
  readonly mtime: Time;
  readonly size: number;
  readonly content: Uint8Array | null;
};

function isNewVersion(versions: Map<string, Version[]>, path: string, entry: TreeEntry): boolean {
  const version = versionOf(entry);
  const known = versions.get(path) ?? [];
  if (known.some((other) => isSameVersion(other, version))) return false;
  known.push(version);
  versions.set(path, known);
  return true;
}

function versionOf(entry: TreeEntry): Version {
  const { kind, mtime } = entry;
  if (kind === 'folder') return { kind, mtime, size: 0, content: null };
  const size = kind === 'file' ? entry.size : 0;
  const content = kind === 'file' ? entry.content : kind === 'symlink' ? entry.target : null;
  return { kind, mtime, size, content: content === null ? null : new Uint8Array(content) };
}

function isSameVersion(left: Version, right: Version): boolean {
  if (left.kind !== right.kind) return false;
  // Each file that comes or goes moves a folder's time; these are not versions anybody looks for.
  if (left.kind === 'folder') return true;
  const sameTime = left.mtime.seconds === right.mtime.seconds && left.mtime.nanoseconds === right.mtime.nanoseconds;
  return sameTime && left.size === right.size && isSameContent(left.content, right.content);
}

export function isSameContent(left: Uint8Array | null, right: Uint8Array | null): boolean {
  return left === null || right === null ? left === right : equalBytes(left, right);
}
