/**
 * The arrows of the state machine that change what lies on a disk, in the order in which a backup and then a restore take
 * them. A process may die before and after each, and nothing that was shown as protected may be lost by that.
 *
 * Only what is made once per object, file or batch has a point; loops over bytes and entries have none.
 */
const arrows = [
  /** An open pack gets its directory and its trailer. */
  'pack.sealed',
  /** The pack in the spool is synced. */
  'pack.durable',
  /** The place has taken it, or the spool of a place that is far away. */
  'pack.confirmed',
  /** It is sent from the spool until the far place has it. */
  'upload.sent',
  /** The spool is rid of it. */
  'upload.freed',
  /** All packs of the run stay, also when the power fails. */
  'packs.committed',
  'index.written',
  'snapshot.written',
  'refs.written',
  /** The log entry: from here on the snapshot is in the vault. */
  'head.advanced',
  /** This installation knows the newest entry again. */
  'head.remembered',
  'cache.written',
  /** What is restored, and where, is written down. */
  'restore.begun',
  /** Durable, before anything is made. */
  'restore.intended',
  /** A file that is proven and complete gets its name. */
  'restore.named',
  /** The names are in the record. */
  'restore.reported',
  'restore.synced',
  /** From here on these files count as restored. */
  'restore.recorded',
  /** The metadata of the folders. */
  'restore.dressed',
  'restore.ended',
] as const;

/** Those of a sweep. */
const sweepArrows = [
  /** The log says which packs nobody needs. */
  'sweep.marked',
  /** The log says of which snapshots nothing will be left. */
  'sweep.given',
  /** Some packs are gone. */
  'sweep.deleted',
  /** Indexes without them stand in place of those that named them. */
  'sweep.indexed',
  /** The snapshots that were forgotten, and their lists of packs, are gone. */
  'sweep.freed',
] as const;

type PointOf<Arrow extends string> = `${Arrow}.${'before' | 'after'}`;
export type CrashPoint = PointOf<(typeof arrows)[number] | (typeof sweepArrows)[number]>;

const pointsOf = <Arrow extends string>(all: readonly Arrow[]): PointOf<Arrow>[] =>
  all.flatMap((arrow): PointOf<Arrow>[] => [`${arrow}.before`, `${arrow}.after`]);

export const crashPoints: readonly CrashPoint[] = pointsOf(arrows);
export const sweepCrashPoints: readonly CrashPoint[] = pointsOf(sweepArrows);

let hear: ((point: CrashPoint) => void) | null = null;

/** A place where a test ends the process. Does nothing anywhere else: no setting and no environment reaches it. */
export function crashPoint(point: CrashPoint): void {
  hear?.(point);
}

/** For tests, which import this file itself: no room passes it on. Hears of the thread that it is called on. */
export function hearCrashPoints(listener: (point: CrashPoint) => void): void {
  hear = listener;
}
