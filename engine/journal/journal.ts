import { CofferError, isCofferError, type Log, utf8 } from '../base/index.ts';
import {
  type FileSystem,
  homeFailure,
  joinPath,
  makeFolders,
  networkVolumeKinds,
  writeFileAtomic,
} from '../filesystem/index.ts';
import { translated } from './faults.ts';
import { lockJournal, type Opened, openFile, openMemory } from './opening.ts';
import type { ActivityLog } from './tables/activity.ts';
import type { Due } from './tables/due.ts';
import type { Failures } from './tables/failures.ts';
import type { PauseTable } from './tables/pause.ts';
import type { Places } from './tables/places.ts';
import type { Roots } from './tables/roots.ts';
import type { Runs } from './tables/runs.ts';
import type { SettingsTable } from './tables/settings.ts';
import type { Sources } from './tables/sources.ts';
import type { Uploads } from './tables/uploads.ts';

/**
 * What the agent remembers: facts that were observed, in one SQLite file with one writer. The vault is the truth; all this
 * may be lost, but for what the person chose, which lies beside it as `choices.json` too. Every change is durable when its
 * call (or the transaction around it) returns. All calls throw CofferErrors only: `disk.full`, `home.unusable`,
 * `journal.damaged` (ends the agent; the next start begins a new journal).
 */
export type Journal = {
  /** It was lost, damaged or an older copy, and begun anew: all but the choices has to be found again. */
  readonly rebuilt: boolean;
  readonly sources: Sources;
  readonly places: Places;
  readonly settings: SettingsTable;
  readonly pause: PauseTable;
  readonly roots: Roots;
  readonly runs: Runs;
  readonly failures: Failures;
  readonly activity: ActivityLog;
  readonly due: Due;
  readonly uploads: Uploads;
  /** All or nothing, and one sync for all of it. `work` must not wait for anything. */
  transaction<T>(work: () => T): T;
  /** For `openJournal`. */
  serialise(): Uint8Array;
  /** May be called twice. Without it the next opening looks at the whole file. */
  close(): void;
};

export type JournalPorts = { readonly fileSystem: FileSystem; readonly log: Log };

/** In a folder of its own; null is a new one in memory, bytes are one in memory that was serialised. */
export function openJournal(where: string | Uint8Array | null, ports: JournalPorts): Journal {
  if (typeof where === 'string') return openFolder(where, ports);
  const opened = openMemory(where);
  return facade(opened, { rebuilt: false, saveChoices: () => {}, release: () => {}, log: ports.log });
}

function openFolder(folder: string, { fileSystem, log }: JournalPorts): Journal {
  assertUsable(folder);
  makeFolders(fileSystem, folder);
  try {
    assertLocal(fileSystem, folder);
    const lock = lockJournal(fileSystem, folder);
    if (lock === null) throw new CofferError('journal.busy', { path: folder });
    try {
      const opened = openFile(fileSystem, folder, log);
      return facade(opened, { ...opened, release: lock.release, log });
    } catch (error) {
      lock.release();
      if (isCofferError(error, 'home.unusable')) assertWritable(fileSystem, folder);
      throw error;
    }
  } catch (error) {
    throw homeFailure(folder, translated(error, folder));
  }
}

/** SQLite says that it cannot, and not why: the disk itself is asked. */
function assertWritable(fileSystem: FileSystem, folder: string): void {
  const path = joinPath(folder, 'journal.probe');
  writeFileAtomic(fileSystem, path, utf8('?'));
  fileSystem.removeFile(path);
}

/** SQLite takes names as text and trims them. */
function assertUsable(folder: string): void {
  if (folder.isWellFormed() && folder.trim() === folder) return;
  throw new CofferError('home.unusable', { path: folder, detail: 'its name is not plain text' });
}

function assertLocal(fileSystem: FileSystem, path: string): void {
  const kind = /^[/\\]{2}/.test(path) ? 'smb' : fileSystem.volumeKind(path);
  if (networkVolumeKinds.has(kind)) throw new CofferError('journal.network', { path, kind });
}

type Around = {
  readonly rebuilt: boolean;
  readonly saveChoices: () => void;
  readonly release: () => void;
  readonly log: Log;
};

function facade({ connection, sql, tables }: Opened, around: Around): Journal {
  const { about, choices, roots, runs, failures, activity, due, uploads } = tables;
  let behind = false;
  /** The database has the choice already; what cannot be written beside it now is written with the next one. */
  const saveChoices = (): void => {
    try {
      behind = true;
      around.saveChoices();
      behind = false;
    } catch (error) {
      around.log.warn('choices.json could not be written', { error: String(error) });
    }
  };
  const count = (): void => {
    about.setRevision(about.read().revision + 1);
    sql.afterCommit(saveChoices);
  };
  const chosen =
    <Given extends unknown[], Result>(work: (...given: Given) => Result) =>
    (...given: Given): Result =>
      sql.transaction(() => {
        count();
        return work(...given);
      });
  const { sources, places, settings, pause } = choices;
  try {
    sql.transaction(() => {
      about.noteClean(false);
      count();
    });
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    rebuilt: around.rebuilt,
    sources: { add: chosen(sources.add), remove: chosen(sources.remove), list: sources.list },
    places: { add: chosen(places.add), remove: chosen(places.remove), list: places.list },
    settings: { read: settings.read, write: chosen(settings.write) },
    pause: { read: pause.read, write: chosen(pause.write) },
    roots,
    runs,
    failures,
    activity,
    due,
    uploads,
    transaction: sql.transaction,
    serialise() {
      const bytes = new Uint8Array(connection.serialize());
      // Bytes 18 and 19 say that there is a WAL, which there is none of in memory.
      bytes.fill(1, 18, 20);
      return bytes;
    },
    close() {
      if (!connection.open) return;
      if (behind) saveChoices();
      try {
        about.noteClean(true);
      } catch (error) {
        around.log.warn('the journal was not closed well', { error: String(error) });
      }
      connection.close();
      around.release();
    },
  };
}
