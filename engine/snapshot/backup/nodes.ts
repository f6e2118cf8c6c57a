import { type FileStat, joinPath } from '../../filesystem/index.ts';
import type { FolderNode } from './tasks.ts';

export function childNode(parent: FolderNode, name: string, stat: FileStat): FolderNode {
  const relative = parent.relative === '' ? name : `${parent.relative}/${name}`;
  return rootNode({
    path: joinPath(parent.path, name),
    name,
    relative,
    source: parent.source,
    depth: parent.depth + 1,
    parent,
    stat,
  });
}

export function rootNode(
  base: Pick<FolderNode, 'path' | 'name' | 'relative' | 'source' | 'depth' | 'parent' | 'stat'> &
    Partial<Pick<FolderNode, 'loose'>>,
): FolderNode {
  return {
    loose: false,
    ...base,
    previous: null,
    cached: null,
    listing: null,
    waiting: 1,
    compared: null,
    children: new Map(),
    entries: [],
    unchanged: false,
    vanished: false,
    whole: true,
    racy: false,
  };
}
