// node journal-writer.ts FOLDER: opens the journal there and writes until it is killed, telling what is durable.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { silentLog } from '../../engine/base/index.ts';
import { createRealFileSystem } from '../../engine/filesystem/index.ts';
import { openJournal } from '../../engine/journal/index.ts';
import { rules } from '../unit/journal/journals.ts';

const journal = openJournal(process.argv[2] ?? '', { fileSystem: createRealFileSystem(), log: silentLog });
const { id: place } = journal.places.add('/mnt/a', 'v');
for (let number = (journal.due.last('written') ?? 0) + 1; ; number++) {
  journal.transaction(() => {
    journal.due.note('written', number);
    for (const part of ['a', 'b', 'c']) {
      const key = `packs/${number}${part}`;
      journal.uploads.add(place, { key, bytes: 1 }, number);
    }
    if (number % 7 === 0) journal.sources.add(`/source/${number}`, rules);
  });
  writeSync(1, `${number}\n`);
}
