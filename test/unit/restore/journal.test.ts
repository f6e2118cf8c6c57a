import { expect, test } from 'vitest';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { openJournal, readJournal } from '../../../engine/snapshot/restore/journal.ts';

// What ext4 and others leave of an append that the power cut short: the right length, and nothing in it.
test.each([1, 12, 13, 500])('%i zeros at the end are no record', async (count) => {
  const fileSystem = createSimulatedFileSystem();
  fileSystem.makeFolder('/record');
  const journal = openJournal(fileSystem, '/record');
  journal.append({ kind: 'end' });
  await journal.durable();
  journal.close();
  const [name = ''] = fileSystem.list('/record');
  const { size } = fileSystem.lstat(`/record/${name}`);
  const fd = fileSystem.open(`/record/${name}`, 'write');
  fileSystem.write(fd, new Uint8Array(count), size);
  fileSystem.close(fd);
  expect([...readJournal(fileSystem, '/record')].map(({ block }) => block)).toEqual([{ kind: 'end' }]);
});
