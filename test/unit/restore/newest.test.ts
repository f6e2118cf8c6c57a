import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { computerAt } from '../../support/coffer.ts';
import { writeTree } from '../../support/trees.ts';
import { makeVault } from '../../support/vault.ts';

const dayMs = 24 * 3600 * 1000;

test.each(['coffer', 'coffer-restore.mjs'])(
  '%s takes what a device wrote last for the latest, also after its clock was set back',
  async (tool) => {
    const vault = await makeVault();
    writeTree(vault.files, { file: Buffer.from('old') });
    await vault.backup();
    vault.clock.advance(-10 * dayMs);
    writeTree(vault.files, { file: Buffer.from('newer') });
    await vault.backup();
    const { folder, store, recoveryPhrase: phrase } = vault;
    const computer = computerAt({ folder, home: join(folder, 'home of another'), store, phrase });
    const target = join(folder, 'target');
    const asked = ['--target', target];
    const ran = await (tool === 'coffer'
      ? computer.coffer(['restore', 'latest', ...asked])
      : computer.standAlone(asked));
    expect([ran.exit, ran.err]).toEqual([0, expect.any(String)]);
    expect(readFileSync(join(target, vault.files, 'file'), 'utf8')).toBe('newer');
  },
);
