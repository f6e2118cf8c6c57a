import { concatBytes, utf8, type VaultId } from '../base/index.ts';
import { sha256Hex, type VaultKeys } from '../crypto/index.ts';

/** A vault, as far as it says what bytes mean. */
type Owner = { readonly id: VaultId; readonly keys: VaultKeys };

/**
 * What log entries and snapshots said, by the hash of their sealed bytes: for a process that opens the same vaults again and
 * again. The bytes are read and hashed each time, so that whatever a place changes or takes away is noticed as ever; only
 * opening, verifying and decoding the very same bytes is not done twice.
 */
export type OpenedObjects = {
  /** `path` is what the object was sealed for, `hash` that of its bytes. What throws is not kept. */
  recall<Value extends object>(owner: Owner, path: string, hash: string, open: () => Value): Value;
};

/** About 1 kB each; what was not asked for the longest goes first. */
const keptMost = 20_000;

export function createOpenedObjects(most = keptMost): OpenedObjects {
  const kept = new Map<string, object>();
  const names = new WeakMap<Uint8Array, string>();
  /** Under another key the same bytes mean nothing. */
  const nameOf = ({ id, keys }: Owner): string => {
    let name = names.get(keys.head);
    if (name === undefined) {
      name = sha256Hex(concatBytes([utf8(id), keys.meta, keys.head]));
      names.set(keys.head, name);
    }
    return name;
  };
  return {
    recall<Value extends object>(owner: Owner, path: string, hash: string, open: () => Value) {
      const name = `${nameOf(owner)} ${path} ${hash}`;
      const known = kept.get(name);
      kept.delete(name);
      const value = (known as Value | undefined) ?? open(); // a path belongs to one kind of object
      kept.set(name, value);
      if (kept.size > most) kept.delete(kept.keys().next().value ?? '');
      return value;
    },
  };
}
