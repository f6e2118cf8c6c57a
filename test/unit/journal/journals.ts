import { silentLog } from '../../../engine/base/index.ts';
import { type Coverage, reason, type SourceRules } from '../../../engine/contract/index.ts';
import { createRealFileSystem } from '../../../engine/filesystem/index.ts';
import { type Journal, type JournalPorts, openJournal, type RunDone } from '../../../engine/journal/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

export const ports: JournalPorts = { fileSystem: createRealFileSystem(), log: silentLog };

/** What the suites run on: opened, and opened again with all it was told. */
export type JournalKind = {
  readonly name: string;
  open(): { readonly journal: Journal; again(): Journal };
};

export const journalKinds: readonly JournalKind[] = [
  {
    name: 'in memory',
    open() {
      let journal = openJournal(null, ports);
      return {
        journal,
        again() {
          journal = openJournal(journal.serialise(), ports);
          return journal;
        },
      };
    },
  },
  {
    name: 'in a file',
    open() {
      const folder = temporaryFolder();
      let journal = openJournal(folder, ports);
      return {
        journal,
        again() {
          journal.close();
          journal = openJournal(folder, ports);
          return journal;
        },
      };
    },
  },
];

export const rules: SourceRules = { patterns: ['*.tmp'], presets: ['caches'], cacheDirTag: true, oneFileSystem: false };

/** A path that no text can hold: the byte 0xE9 by itself. */
export const strangePath = '/home/ren\uDCE9/Bilder';

export const coverage: Coverage = { seen: 12, saved: 9, leftOut: 2, failed: 1, deferred: 0, files: 8, bytes: 4096 };

export const done = (endedMs: number): RunDone => ({
  kind: 'done',
  endedMs,
  snapshot: `snapshot-${endedMs}`,
  files: 8,
  folders: 3,
  bytes: 4096,
  newBytes: 100,
  storedBytes: 60,
  coverage,
  failed: 1,
  seconds: 1.25,
});

export const changes = reason('run.changes', { files: 3, path: strangePath });

/** A bit of everything. */
export function fill(journal: Journal): void {
  journal.sources.add('/home/anna', rules);
  journal.sources.add(strangePath, { ...rules, sizeMax: 1000 });
  const place = journal.places.add('/mnt/disk/vault', 'vault-1');
  journal.pause.write({ until: 'time', untilMs: 5000 });
  journal.due.note('times', 1234);
  const run = journal.runs.begin({ place: place.id, reason: changes, startedMs: 1000 });
  journal.runs.end(run, done(2000));
  journal.failures.replace(place.id, [{ path: strangePath, code: 'EACCES' }], 2000);
  journal.activity.add({ atMs: 2000, kind: 'runDone', isProblem: false, context: { files: 8 } });
  for (let number = 0; number < 50; number++) {
    const key = `packs/${number}`;
    journal.uploads.add(place.id, { key, bytes: number }, number);
    if (number % 2 === 0) journal.uploads.remove(place.id, key);
    else if (number % 3 === 0) journal.uploads.park(place.id, key, 'store.failed');
  }
}

/** Everything it knows, by every way of asking. */
export function everythingIn(journal: Journal): unknown {
  const sources = journal.sources.list();
  const places = journal.places.list();
  return {
    sources,
    places,
    settings: journal.settings.read(),
    pause: journal.pause.read(),
    runs: journal.runs.list(1000),
    latest: places.map(({ id }) => [journal.runs.latest(id), journal.runs.latestDone(id)]),
    interrupted: journal.runs.interrupted(),
    failures: journal.failures.list(),
    activity: journal.activity.list({ most: 1000, problemsOnly: false }),
    problems: journal.activity.list({ most: 1000, problemsOnly: true }),
    due: journal.due.last('times'),
    uploads: places.map(({ id }) => [journal.uploads.waiting(id), journal.uploads.list(id)]),
  };
}
