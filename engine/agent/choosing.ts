import { isAbsolute } from 'node:path';
import { CofferError } from '../base/index.ts';
import { createBoundary, locateFolders } from '../filesystem/index.ts';
import type { Core } from './core.ts';
import { isAtOrBelow } from './paths.ts';

/** One path has one name, or it would be protected twice. */
export function sourcePath(path: string): string {
  const isWhole = isAbsolute(path) && !path.split('/').some((name) => name === '.' || name === '..');
  if (!isWhole) throw new CofferError('agent.badCall', { method: 'source', detail: 'the path is not in full' });
  return path.replace(/\/+$/, '') || '/';
}

/**
 * A path is protected once, by one set of rules; it is there, so that a slip of the finger protects nothing by that name; and
 * it holds what the person means: of a link only the link would be saved.
 */
export function refuseSource({ ports, sources }: Pick<Core, 'ports' | 'sources'>, path: string): void {
  const { fileSystem, home } = ports;
  const stat = fileSystem.lstatIfThere(path);
  if (stat === null) throw new CofferError('source.notFound', { path });
  if (stat.kind === 'link') throw new CofferError('source.link', { path });
  const protectedFolders = locateFolders(fileSystem, [home]);
  const reason = createBoundary({ otherFileSystems: true, protectedFolders }, fileSystem).leaveOut(path, stat, null);
  if (reason === 'coffer-own' || reason === 'vault') throw new CofferError('source.own', { path });
  for (const { path: other } of sources) {
    if (other === path) throw new CofferError('source.known', { path });
    if (isAtOrBelow(path, other) || isAtOrBelow(other, path)) throw new CofferError('source.overlaps', { path, other });
  }
}
