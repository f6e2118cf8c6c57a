import type { Core } from './core.ts';
import { type Keeper, noteChanged } from './keeper.ts';
import { isAtOrBelow } from './paths.ts';
import { takeDue } from './tries.ts';

/** Files whose time has come: their folders are dirty once more, so that the next run looks there, although nothing was heard. */
export function tryAgain({ ports, sources, isThere }: Core, keeper: Keeper): void {
  const nowMs = ports.clock.monotonic();
  const { paths, tries } = takeDue(keeper.tries, nowMs);
  keeper.tries = tries;
  for (const path of paths) {
    const source = sources.find((candidate) => isAtOrBelow(path, candidate.path));
    if (source !== undefined && isThere(source)) noteChanged(keeper, source, path, nowMs);
  }
}
