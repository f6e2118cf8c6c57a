import { createNodeGcm, type GcmEngine } from '../../../engine/crypto/gcm-engine.ts';
import { loadNativeGcm } from '../../../engine/crypto/native-gcm.ts';
import { compress, decompress } from '../../../engine/crypto/zstd.ts';

/** A thread that has used all that native codecs hold. */
const raw = Uint8Array.from({ length: 1_500_000 }, (_, at) => ((at * at) >>> 7) & 63);
decompress(compress(raw, 4) ?? raw, raw.length, 'it');
const engine: GcmEngine = loadNativeGcm() ?? createNodeGcm();
engine.beginSeal({ key: new Uint8Array(32), nonce: new Uint8Array(12), aad: new Uint8Array(3) });
engine.seal(raw, raw);
engine.endSeal(new Uint8Array(16));
