import { type Clock, CofferError, type Random } from '../../engine/base/index.ts';
import type { FileSystem } from '../../engine/filesystem/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import type { Store } from '../../engine/storage/index.ts';

/** What a network does to calls; each share is that of calls it happens to, from 0 to 1. */
export type NetworkFaults = {
  /** The connection is reset in the middle of a body: so much was sent for nothing. */
  readonly reset: number;
  /** The request does not arrive. */
  readonly lostRequest: number;
  /** It is done, and nobody hears so. */
  readonly lostAnswer: number;
  /** The request arrives twice, and the answer is that to the second. */
  readonly duplicated: number;
  /** No answer ever, until the signal says stop. */
  readonly silent: number;
  /** As `silent`, and the signal changes nothing; what was sent is done long after. */
  readonly deaf: number;
  /** The same at a tenth of the speed. */
  readonly slow: number;
};

export type FarOptions = {
  /** Where the objects really are: a memory or a local store. */
  readonly inner: Store;
  /** Where the files to adopt lie. */
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly seed: number;
  /** There and back; each call draws between half and one and a half of it. */
  readonly latencyMs?: number;
  /** Of each connection. */
  readonly bytesPerSecond?: number;
  readonly faults?: Partial<NetworkFaults>;
  /** One line for several stores, such as those that are opened one after another. */
  readonly network?: Network;
};

/** The line to a far store: what went over it, and a switch. */
export type Network = {
  isDown: boolean;
  /** Bodies of objects, whole or in part, also those sent twice or for nothing. */
  sentBytes: number;
  /** Bodies that were sent whole, by key. */
  readonly sent: Map<string, number>;
  /** Bodies that are being sent now, and the most there were. */
  underWay: number;
  mostUnderWay: number;
};

export const createNetwork = (): Network => ({
  ...{ isDown: false, sentBytes: 0, sent: new Map(), underWay: 0, mostUnderWay: 0 },
});

export type FarStore = Store & { readonly network: Network };

const never = 1e12;
const lateMs = 300_000;

/**
 * A place at the other end of a network that is as bad as it is told to be. All that happens is drawn from the seed, and all
 * time is the clock's, so it is at home in real time and in simulated time.
 */
export function createFarStore(options: FarOptions): FarStore {
  const { inner, fileSystem, clock, seed, latencyMs = 50, bytesPerSecond = 10e6, faults = {} } = options;
  const random = seededRandom(seed * 31 + 7);
  const { network = createNetwork() } = options;
  const { sent } = network;
  const happens = (fault: keyof NetworkFaults): boolean => chance(random, faults[fault] ?? 0);
  const failure = (key: string, detail: string): CofferError =>
    new CofferError('store.failed', { store: inner.url, key, detail });

  const travel = async (key: string, bytes: number, isSlow: boolean, signal?: AbortSignal): Promise<void> => {
    const transferMs = (bytes / bytesPerSecond) * 1000 * (isSlow ? 10 : 1);
    await clock.sleep(latencyMs * (0.5 + drawn(random)) + transferMs, signal);
    if (network.isDown) throw failure(key, 'the network is down');
  };

  /** One request with a body of so many bytes, none for most. */
  const request = async <T>(key: string, bytes: number, step: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    signal?.throwIfAborted();
    const isSlow = happens('slow');
    if (happens('silent')) await clock.sleep(never, signal);
    if (happens('deaf')) {
      network.sentBytes += bytes;
      await clock.sleep(lateMs);
      return step();
    }
    if (happens('lostRequest')) {
      await travel(key, 0, isSlow, signal);
      throw failure(key, 'the request was lost');
    }
    if (bytes > 0 && happens('reset')) {
      const part = random.integer(bytes);
      await travel(key, part, isSlow, signal);
      network.sentBytes += part;
      throw failure(key, 'the connection was reset');
    }
    await travel(key, bytes, isSlow, signal);
    network.sentBytes += bytes;
    if (bytes > 0) sent.set(key, (sent.get(key) ?? 0) + 1);
    const isTwice = happens('duplicated');
    const answer = await step();
    if (isTwice) return step();
    if (happens('lostAnswer')) throw failure(key, 'the answer was lost');
    return answer;
  };
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    network.underWay++;
    network.mostUnderWay = Math.max(network.mostUnderWay, network.underWay);
    try {
      return await work;
    } finally {
      network.underWay--;
    }
  };
  async function* listing<T>(items: () => AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
    const all = await request('', 0, () => Array.fromAsync(items()), signal);
    yield* all;
  }

  return {
    ...inner,
    network,
    spool: null,
    list: (prefix, signal) => listing(() => inner.list(prefix), signal),
    listKeys: (prefix, signal) => listing(() => inner.listKeys(prefix), signal),
    get: (key, range, signal) => request(key, 0, () => inner.get(key, range), signal),
    stat: (key, signal) => request(key, 0, () => inner.stat(key), signal),
    put: (key, bytes, signal) => counted(request(key, bytes.length, () => inner.put(key, bytes), signal)),
    async adopt(key, path, signal) {
      signal?.throwIfAborted();
      const bytes = contentOf(fileSystem, path);
      await counted(request(key, bytes.length, () => inner.put(key, bytes), signal));
      if (fileSystem.lstatIfThere(path) !== null) fileSystem.removeFile(path);
    },
    flush: async (signal) => inner.flush(signal),
    settle: async (signal) => inner.settle(signal),
    delete: (key, signal) => request(key, 0, () => inner.delete(key), signal),
    prepareSpool: async () => 0,
  };
}

const fine = 1_000_000;
const drawn = (random: Random): number => random.integer(fine) / fine;
const chance = (random: Random, share: number): boolean => share > 0 && drawn(random) < share;

function contentOf(fileSystem: FileSystem, path: string): Uint8Array {
  const fd = fileSystem.open(path, 'read');
  try {
    const bytes = new Uint8Array(fileSystem.fstat(fd).size);
    for (let at = 0; at < bytes.length; ) {
      const count = fileSystem.read(fd, bytes.subarray(at), at);
      if (count === 0) break;
      at += count;
    }
    return bytes;
  } finally {
    fileSystem.close(fd);
  }
}
