import { equalBytes } from '../base/index.ts';
import { readPackDirectory } from './pack-reader.ts';
import { isUnreadable } from './unreadable.ts';
import type { VaultCore } from './vault-core.ts';
import type { KnownPack } from './vault-index.ts';

/**
 * Whether each pack says of itself what the indexes say of it: that takes three small reads, and notices a pack that is cut
 * short, swapped, or damaged where it describes itself. `fault` hears of packs to look at more closely.
 */
export async function checkPackDirectories(
  core: VaultCore,
  packs: readonly KnownPack[],
  hear: { fault(pack: KnownPack): void; checked(): void; readonly signal?: AbortSignal },
): Promise<void> {
  const keys = { packKey: core.keys.pack, vault: core.id, idOf: core.idOf };
  for (const pack of packs) {
    hear.signal?.throwIfAborted();
    try {
      const own = await readPackDirectory(core.store, pack.id, pack.length, keys);
      if (own.type === pack.type && equalBytes(own.bytes, pack.encoded)) {
        hear.checked();
        continue;
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
    hear.fault(pack);
  }
}
