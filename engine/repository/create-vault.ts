import { CofferError, concatBytes, systemCode, timeOfMs, toHex, type VaultId, vaultId } from '../base/index.ts';
import { deriveKeys, rootKeyBytes, sealObject } from '../crypto/index.ts';
import { configDefaults, configKey, encodeConfigBody, encodeConfigHeader, formatVersion } from '../format/index.ts';
import { parseStoreUrl } from '../storage/index.ts';
import { type Ports, storeOf } from './ports.ts';
import { passphraseSlot, phraseSlot } from './slots.ts';

export type NewVault = { readonly vault: VaultId; readonly recoveryPhrase: string };

/** Key slots first, the config last: until it is there, there is no vault. */
export async function createVault(
  ports: Ports,
  options: {
    readonly store: string;
    readonly passphrase: string;
    readonly label?: string;
    readonly idAlgorithm?: 'blake3' | 'hmac-sha256';
  },
): Promise<NewVault> {
  if (options.passphrase === '') throw new CofferError('secret.weak');
  const { random } = ports;
  if (ports.storeFor === undefined) assertEmpty(ports, options.store);
  const store = await storeOf(ports, options.store, 'init', true);
  try {
    if ((await store.stat(configKey)) !== null) throw new CofferError('vault.exists', { store: store.url });
    const id = vaultId(toHex(random.bytes(16)));
    const rootKey = random.bytes(rootKeyBytes);
    const keys = deriveKeys(rootKey, id);
    const created = timeOfMs(ports.clock.now());
    const input = { vault: id, rootKey, created };
    const passphrase = await passphraseSlot(
      options.passphrase,
      { ...input, label: options.label ?? 'passphrase' },
      random,
    );
    const phrase = await phraseSlot({ ...input, label: 'recovery phrase' }, random);
    const idAlgorithm = options.idAlgorithm ?? 'blake3';
    const header = encodeConfigHeader({
      version: formatVersion,
      minReader: 1,
      vault: id,
      idAlgorithm,
      chunker: 'gear64',
    });
    const body = encodeConfigBody({ ...configDefaults, created });
    const path = concatBytes([new TextEncoder().encode(configKey), header]);
    const sealed = sealObject({ keys, vault: id, kind: 'config', path }, body, { random, level: 3 });
    await store.put(passphrase.key, passphrase.bytes);
    await store.put(phrase.key, phrase.bytes);
    await store.flush();
    await store.put(configKey, concatBytes([header, sealed]));
    await store.flush();
    return { vault: id, recoveryPhrase: phrase.phrase };
  } finally {
    await store.close();
  }
}

/** A vault is never laid into a folder that holds something else. */
function assertEmpty(ports: Ports, url: string): void {
  const { root } = parseStoreUrl(url);
  try {
    const names = ports.fileSystem.list(root);
    if (names.includes(configKey)) throw new CofferError('vault.exists', { store: root });
    if (names.length > 0) throw new CofferError('vault.notEmpty', { store: root });
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === '') {
      if (error instanceof CofferError) throw error;
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
    if (systemCode(error) === 'ENOTDIR') throw new CofferError('store.notAFolder', { store: root }, error);
    throw new CofferError('store.denied', { store: root, action: 'read it' }, error);
  }
}
