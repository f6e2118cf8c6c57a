import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import { checkVault, openVault, type Ports, type Vault } from '../../../engine/repository/index.ts';
import { verifyPacksOf } from '../../../engine/snapshot/index.ts';
import { sampleTree, writeTree } from '../../support/trees.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';

/** The same computer, where nothing below COFFER_HOME can be changed. */
function withoutWriting(vault: TestVault, code: 'EROFS' | 'ENOSPC', home = vault.ports.home): Ports {
  const { fileSystem } = vault.ports;
  const refuse = (path: string): void => {
    if (path.startsWith(home)) throw Object.assign(new Error(`${code} at ${path}`), { code });
  };
  const refusing: FileSystem = {
    ...fileSystem,
    makeFolder(path, mode) {
      refuse(path);
      fileSystem.makeFolder(path, mode);
    },
    open: (path, mode, ...rest) => {
      if (mode !== 'read') refuse(path);
      return fileSystem.open(path, mode, ...rest);
    },
    lock(path) {
      refuse(path);
      return fileSystem.lock(path);
    },
  };
  return { ...vault.ports, home, fileSystem: refusing };
}

const open = (vault: TestVault, ports: Ports, mode: 'read' | 'write'): Promise<Vault> =>
  openVault(ports, {
    ...{ store: vault.store, mode, secret: async () => ({ kind: 'phrase', phrase: vault.recoveryPhrase }) },
  });

async function vaultWithBackup(): Promise<TestVault> {
  const vault = await makeVault();
  writeTree(vault.files, sampleTree());
  await vault.backup();
  return vault;
}

describe.each([
  ['EROFS', 'cannot be written', 'home.unusable'],
  ['ENOSPC', 'disk is full', 'disk.full'],
] as const)('a COFFER_HOME that nothing can be written to (%s)', (code, words, error) => {
  test('does not stop a reader, who is told once', async () => {
    const vault = await vaultWithBackup();
    const ports = withoutWriting(vault, code, join(vault.folder, 'new home'));
    const opened = await open(vault, ports, 'read');
    expect(opened.snapshots).toHaveLength(1);
    expect(opened.notices).toEqual([expect.stringContaining(words)]);
    const result = await checkVault(opened, ports, verifyPacksOf(opened, ports), { readData: 'all' });
    expect(result).toMatchObject({ findings: [], notices: [] });
    await opened.close();
  });

  test('is told by a check where opening had nothing new to remember', async () => {
    const vault = await vaultWithBackup();
    const ports = withoutWriting(vault, code);
    const opened = await open(vault, ports, 'read');
    expect(opened.notices).toEqual([]);
    const result = await checkVault(opened, ports, verifyPacksOf(opened, ports), { readData: 'all' });
    expect(result.notices).toEqual([expect.stringContaining(words)]);
    await opened.close();
  });

  test('stops a writer', async () => {
    const vault = await vaultWithBackup();
    await expect(open(vault, withoutWriting(vault, code), 'write')).rejects.toMatchObject({ code: error });
  });
});
