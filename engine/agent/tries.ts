import type { FileFailure } from '../contract/index.ts';

/** Of files that could not be read, by path: how often they were tried, and when they are tried again (monotonic). */
export type Tries = ReadonlyMap<string, { readonly count: number; readonly againMs: number }>;

/**
 * What passes by itself: another program has the file open, a file is being written, a network or a disk stutters. The rest
 * (permission above all) stays until something changes, and a change is heard of.
 */
const passing: ReadonlySet<string> = new Set([
  ...['changed-while-read', 'EBUSY', 'ETXTBSY', 'EAGAIN', 'EINTR', 'EIO', 'EREMOTEIO', 'ETIMEDOUT', 'ESTALE'],
  ...['ENOTCONN', 'ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOLCK', 'EDEADLK'],
]);

/** A save or a copy is over by then. */
const firstMs = 2 * 60_000;
/** A disk with a bad spot is not made worse by four looks a day. */
const mostMs = 6 * 60 * 60_000;
/** Of more, each run tries those in untrusted folders anyway. */
const pathsMost = 1_000;

/** After a run that told these failures. */
export function triesAfter(
  before: Tries,
  failures: readonly Pick<FileFailure, 'path' | 'code'>[],
  nowMs: number,
): Tries {
  const tries = new Map<string, { count: number; againMs: number }>();
  for (const { path, code } of failures) {
    if (tries.size >= pathsMost) break;
    if (!passing.has(code.replace(/^unreadable:/, ''))) continue;
    tries.set(path, before.get(path) ?? { count: 1, againMs: nowMs + waitMs(1) });
  }
  return tries;
}

/** Those whose time has come, and the same tries once they are being tried. */
export function takeDue(tries: Tries, nowMs: number): { readonly paths: readonly string[]; readonly tries: Tries } {
  const paths = [...tries].filter(([, { againMs }]) => againMs <= nowMs).map(([path]) => path);
  if (paths.length === 0) return { paths, tries };
  const next = new Map(tries);
  for (const path of paths) {
    const count = (tries.get(path)?.count ?? 0) + 1;
    next.set(path, { count, againMs: nowMs + waitMs(count) });
  }
  return { paths, tries: next };
}

const waitMs = (count: number): number => Math.min(mostMs, firstMs * 2 ** Math.min(count - 1, 30));
