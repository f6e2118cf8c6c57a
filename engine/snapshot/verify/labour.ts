import type { VaultId } from '../../base/index.ts';
import { type IdAlgorithm, loadIdHasher } from '../../crypto/index.ts';
import type { Labour } from '../../pool/index.ts';
import { createPackVerifier, type PackToVerify, type PackVerdict } from '../../repository/index.ts';
import type { Store } from '../../storage/index.ts';

export type VerifyJobs = { verify: { in: PackToVerify; out: PackVerdict } };

export type VerifySetup = {
  readonly url: string;
  readonly vault: VaultId;
  readonly idAlgorithm: IdAlgorithm;
  readonly keys: { readonly pack: Uint8Array; readonly chunkId: Uint8Array };
};

/** One worker of a check: reads packs whole. Their bytes stay on its thread; only the verdict leaves it. */
export async function makeVerifyLabour(store: Store, { vault, idAlgorithm, keys }: VerifySetup): Promise<Labour> {
  const idOf = await loadIdHasher(idAlgorithm, keys.chunkId);
  const verifier = createPackVerifier(store, { packKey: keys.pack, vault, idOf });
  return { jobs: { verify: (pack: PackToVerify) => verifier.verify(pack) }, hear: () => {}, end: () => {} };
}
