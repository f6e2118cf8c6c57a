import type { SnapshotId } from '../../base/index.ts';
import type { RulesOptions, SharedPulse } from '../../filesystem/index.ts';
import type { Pace } from '../../pool/index.ts';
import type { BegunFiles } from './begun-files.ts';
import type { KeptCache } from './cache-file.ts';
import type { BackupCrew } from './crew.ts';
import type { Deferred } from './deferral.ts';
import type { Failure, LeftOutPath } from './listing.ts';

/** A folder or file the person chose, and what is left out of it. Of sources that lie in one another the outer counts. */
export type BackupSource = {
  /** Absolute. */
  readonly path: string;
  readonly rules: RulesOptions;
  readonly otherFileSystems: boolean;
  /** Where to look for changes: everywhere when left out. */
  readonly look?: Look;
};

/** What the caller knows of a source, from the events of the system. */
export type Look =
  | {
      readonly kind: 'folders';
      /**
       * Only their own names may have changed. New folders among these are looked at whole. A path that is no folder any
       * more has the folders above it looked at.
       */
      readonly folders: ReadonlySet<string>;
      /** In and below these anything may have changed. */
      readonly below?: ReadonlySet<string>;
    }
  /** The source is not there now: what the last snapshot has of it stays as it is. */
  | { readonly kind: 'nowhere' };

export type BackupOptions = {
  readonly sources: readonly BackupSource[];
  readonly tags: readonly string[];
  /** Program and version. */
  readonly app: string;
  readonly host: string;
  readonly user: string;
  readonly userHome: string;
  readonly platform: string;
  readonly signal?: AbortSignal;
  /** Of the threads that the run starts; they give way to nothing unless it is said. */
  readonly pace?: Pace;
  /** Starts the threads, or gives those that were started early; a run that uses them ends them. */
  readonly crew?: () => BackupCrew;
  /** Publishes what could be read in so much time; without it everything is read. */
  readonly bound?: RunBound;
  /** Of an installation that saves here again and again, with this place alone. Changed by the run. */
  readonly kept?: KeptCache;
  /** Where the threads write down which call they wait for. */
  readonly pulse?: SharedPulse;
  /** At most ten times a second. */
  readonly onProgress?: (progress: BackupProgress) => void;
};

/** A run that is one of many: big files cannot keep small ones waiting. */
export type RunBound = {
  /** No file is begun after so much time of reading. */
  readonly readMs: number;
  /** Big files that such a run has begun; the next one goes on there. Changed by the run. */
  readonly begun: BegunFiles;
};

export type BackupProgress = {
  readonly foundFiles: number;
  readonly foundBytes: number;
  readonly doneBytes: number;
  readonly readBytes: number;
  readonly newBytes: number;
  /** Bytes of packs that the place has confirmed. */
  readonly storedBytes: number;
  /** Bytes of packs that wait for a far place. */
  readonly waitingBytes: number;
  /** All is read; what is left is to be sent. */
  readonly sending: boolean;
  readonly scanning: boolean;
  readonly seconds: number;
};

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
  /** Left for the next run. In `excluded` too, by a reason of their own, with those of sources that are not there now. */
  readonly deferred: Deferred;
  readonly seconds: number;
  readonly notices: readonly string[];
};
