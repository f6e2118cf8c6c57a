import type { SnapshotId } from '../../base/index.ts';
import type { RulesOptions } from '../../filesystem/index.ts';
import type { BackupCrew } from './crew.ts';
import type { Failure } from './listing.ts';

export type BackupOptions = {
  /** Absolute. */
  readonly paths: readonly string[];
  readonly rules: RulesOptions;
  readonly otherFileSystems: boolean;
  readonly tags: readonly string[];
  /** Program and version. */
  readonly app: string;
  readonly host: string;
  readonly user: string;
  readonly userHome: string;
  readonly platform: string;
  readonly signal?: AbortSignal;
  /** Starts the threads, or gives those that were started early; a run that uses them ends them. */
  readonly crew?: () => BackupCrew;
  /** At most ten times a second. */
  readonly onProgress?: (progress: BackupProgress) => void;
};

export type BackupProgress = {
  readonly foundFiles: number;
  readonly foundBytes: number;
  readonly doneBytes: number;
  readonly readBytes: number;
  readonly newBytes: number;
  readonly scanning: boolean;
  readonly seconds: number;
};

export type LeftOutPath = { readonly path: string; readonly reason: string };

export type BackupResult = {
  readonly snapshot: SnapshotId;
  readonly files: number;
  readonly folders: number;
  readonly others: number;
  readonly bytes: number;
  readonly readBytes: number;
  readonly newBytes: number;
  readonly storedBytes: number;
  readonly changedFiles: number;
  readonly failed: number;
  readonly failures: readonly Failure[];
  readonly excluded: Readonly<Record<string, number>>;
  readonly leftOut: readonly LeftOutPath[];
  readonly seconds: number;
  readonly notices: readonly string[];
};
