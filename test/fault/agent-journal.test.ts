import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Guarded, guard } from '../support/guarded.ts';

/** What becomes of the backups when the agent's memory is harmed. Row 16 of the fault list. */
const harms: readonly { readonly name: string; harm(home: string, older: string): void }[] = [
  { name: 'was deleted', harm: (home) => rmSync(join(home, 'journal.db')) },
  { name: 'was cut short', harm: (home) => truncateSync(join(home, 'journal.db'), 5_000) },
  { name: 'is empty', harm: (home) => truncateSync(join(home, 'journal.db')) },
  {
    name: 'has flipped bytes',
    harm(home) {
      const bytes = readFileSync(join(home, 'journal.db'));
      for (let at = 4_096; at < bytes.length; at += 64) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      writeFileSync(join(home, 'journal.db'), bytes);
      // As a power cut leaves it: what was closed well is believed to be whole until damage is met.
      writeFileSync(join(home, 'journal.db.suspect'), '');
    },
  },
  { name: 'is an older copy', harm: (home, older) => cpSync(older, join(home, 'journal.db')) },
];

describe('a daemon whose journal', () => {
  test.for(harms)(
    '$name says so once, keeps what was chosen, removes nothing, and saves again',
    {
      timeout: 180_000,
    },
    async ({ harm }) => {
      const guarded = await guard('coffer-harmed', { fill: (files) => writeFileSync(join(files, 'a'), 'first') });
      const { computer, daemon, files } = guarded;
      await guarded.untilSafe();
      await daemon.stop();
      const older = computer.at('older.db');
      cpSync(join(computer.home, 'journal.db'), older);
      await daemon.start();
      writeFileSync(join(files, 'b'), 'second');
      await guarded.untilSafe();
      const chosen = await choicesOf(guarded);
      const objects = guarded.objects();
      await daemon.stop();

      harm(computer.home, older);
      writeFileSync(join(files, 'c'), 'while it did not run');
      await daemon.start();
      expect(await choicesOf(guarded)).toEqual(chosen);
      await guarded.untilSafe();
      expect(await guarded.told('journalRebuilt')).toHaveLength(1);
      expect(guarded.objects()).toEqual(expect.arrayContaining(objects));

      await daemon.stop();
      await daemon.start();
      expect(await choicesOf(guarded)).toEqual(chosen);
      await guarded.untilSafe();
      expect(await guarded.told('journalRebuilt')).toHaveLength(1);
      expect(await guarded.faults()).toEqual([]);
    },
  );
});

async function choicesOf({ daemon: { api } }: Guarded): Promise<unknown> {
  return { sources: await api.listSources(), places: await api.listPlaces(), settings: await api.settings() };
}
