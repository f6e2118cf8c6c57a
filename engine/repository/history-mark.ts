import { toHex, utf8, type VaultId } from '../base/index.ts';
import { sha256 } from '../crypto/index.ts';
import { joinPath } from '../filesystem/index.ts';
import { keyPrefixes } from '../format/index.ts';
import { headsFile, spoolOwner } from './device.ts';
import { type Ports, storeOf } from './ports.ts';

/**
 * What the judgment about a rollback rests on (the names of the logs' entries, and what this installation remembers), in a
 * text that is another one once it may come out otherwise. Needs no secret and reads no object.
 */
export async function historyMark(ports: Ports, url: string, vault: VaultId): Promise<string> {
  const { fileSystem, home } = ports;
  const remembered = fileSystem.lstatIfThere(joinPath(joinPath(joinPath(home, 'vaults'), vault), headsFile));
  const store = await storeOf(ports, url, spoolOwner(home, sha256));
  try {
    const entries: string[] = [];
    for await (const key of store.listKeys(keyPrefixes.heads)) entries.push(key);
    const own = remembered && `${remembered.inode}.${remembered.mtimeSeconds}.${remembered.mtimeNanoseconds}`;
    return `${toHex(sha256(utf8(entries.join('\n'))))} ${own}`;
  } finally {
    await store.close();
  }
}
