import {
  CofferError,
  concatBytes,
  isCofferError,
  type Random,
  systemCode,
  toHex,
  utf8,
  type VaultId,
} from '../base/index.ts';
import { hkdf, nonceBytes, open, seal, sha256 } from '../crypto/index.ts';
import {
  type FileLock,
  type FileSystem,
  homeFailure,
  joinPath,
  makeFolders,
  readWhole,
  writeFileAtomic,
} from '../filesystem/index.ts';

/**
 * What this installation keeps of one vault, below COFFER_HOME: the device's signing key, what it has seen of the
 * vault's logs, and caches. Everything is sealed under a key of the vault, so that a copied folder tells and signs
 * nothing. All of it may be lost: the vault is the truth.
 */
export type LocalState = {
  readonly folder: string;
  /** Null when there is none, or when it is not whole: a cache that cannot be read is no cache. */
  read(name: string): Uint8Array | null;
  write(name: string, bytes: Uint8Array): void;
  remove(name: string): void;
};

export function createLocalState(options: {
  readonly folder: string;
  readonly vault: VaultId;
  /** The vault's head key. */
  readonly key: Uint8Array;
  readonly fileSystem: FileSystem;
  readonly random: Random;
}): LocalState {
  const { folder, fileSystem, random } = options;
  const material = hkdf({ material: options.key, salt: new Uint8Array(0), info: `coffer/local/${options.vault}` }, 32);
  const key = material;
  return {
    folder,
    read(name) {
      const bytes = readWhole(fileSystem, joinPath(folder, name));
      if (bytes === null || bytes.length < nonceBytes) return null;
      try {
        return open({ key, nonce: bytes.subarray(0, nonceBytes), aad: utf8(name) }, bytes.subarray(nonceBytes), name);
      } catch (error) {
        if (isCofferError(error)) return null;
        throw error;
      }
    },
    write(name, bytes) {
      const nonce = random.bytes(nonceBytes);
      const sealed = seal({ key, nonce, aad: utf8(name) }, bytes);
      try {
        writeFileAtomic(fileSystem, joinPath(folder, name), concatBytes([nonce, sealed]), 0o600);
      } catch (error) {
        throw homeFailure(folder, error);
      }
    },
    remove(name) {
      try {
        fileSystem.removeFile(joinPath(folder, name));
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw homeFailure(folder, error);
      }
    },
  };
}

/**
 * The part of it that is about one place. Copies of a vault grow apart: what is known of one must not be taken for the
 * other, and a device that wrote to both would leave two logs under one name.
 */
export function stateOfPlace(local: LocalState, place: string): LocalState {
  const suffix = toHex(sha256(utf8(place))).slice(0, 16);
  const nameHere = (name: string): string => `${name}-${suffix}`;
  return {
    folder: local.folder,
    read: (name) => local.read(nameHere(name)),
    write: (name, bytes) => local.write(nameHere(name), bytes),
    remove: (name) => local.remove(nameHere(name)),
  };
}

/**
 * Who only reads goes on where nothing can be remembered: a full or read-only disk is when a backup is needed most. Returns
 * what to tell the person, or null.
 */
export function tryToRemember(home: string, work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!isCofferError(error, 'disk.full') && !isCofferError(error, 'home.unusable')) throw error;
    const why = error.code === 'disk.full' ? 'its disk is full' : 'it cannot be written';
    return `What this computer has seen of the vault could not be remembered in ${home}: ${why}. Reading goes on without; to have it remembered, set COFFER_HOME to another folder.`;
  }
}

export const folderOfVault = (home: string, vault: string): string => joinPath(joinPath(home, 'vaults'), vault);

/** One writer per vault and installation. The lock dies with its process, so a dead holder never blocks. */
export function lockVault(fileSystem: FileSystem, folder: string, holder: string): FileLock {
  makeFolders(fileSystem, folder);
  const path = joinPath(folder, 'lock');
  const lock = takeLock(fileSystem, path);
  const note = joinPath(folder, 'lock-holder');
  if (lock === null) {
    const text = readWhole(fileSystem, note);
    const who = text === null ? 'its name is not known' : new TextDecoder().decode(text).slice(0, 200);
    throw new CofferError('vault.busy', { holder: who });
  }
  try {
    writeFileAtomic(fileSystem, note, utf8(holder), 0o600);
  } catch (error) {
    lock.release();
    throw homeFailure(folder, error);
  }
  return lock;
}

function takeLock(fileSystem: FileSystem, path: string): FileLock | null {
  try {
    return fileSystem.lock(path);
  } catch (error) {
    throw homeFailure(path, error);
  }
}
