import type { EntryInfo, KeyInfo, RestorePlan, SnapshotInfo } from '../engine.ts';
import { isoTime } from '../text/times.ts';

/** What several commands give with `--json`; the table documents each field, and a test compares the two. */
export function snapshotJson(snapshot: SnapshotInfo): Record<string, unknown> {
  return { ...snapshot, started: isoTime(snapshot.started), finished: isoTime(snapshot.finished) };
}

export function entryJson(entry: EntryInfo): Record<string, unknown> {
  const { path, kind, size, uid, gid, owner, group, target, state } = entry;
  return {
    path,
    kind,
    size,
    mode: octal(entry.mode),
    uid,
    gid,
    owner,
    group,
    mtime: isoTime(entry.mtime),
    target,
    state,
  };
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

export function keyJson({ key, kind, label, created, usedNow, damaged }: KeyInfo): Record<string, unknown> {
  return { key, kind, label, created: isoTime(created), usedNow, damaged };
}

export function planJson({
  files,
  folders,
  bytes,
  conflicts,
  mappings,
  resumes,
}: RestorePlan): Record<string, unknown> {
  return { files, folders, bytes, conflicts, mappings, resumes };
}
