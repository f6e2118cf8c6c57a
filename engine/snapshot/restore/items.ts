import { joinPath } from '../../filesystem/index.ts';
import { linkExtra, type Task, taskFields } from './job.ts';
import type { Decision, Places } from './places.ts';
import type { Resume } from './record.ts';
import type { Found } from './walk.ts';

/** An entry on its way from the walk to its place. */
export type Item = Found & {
  /** The name it is to get. */
  as: string;
  action: 'whole' | 'compare' | 'adopt' | 'link';
  replaces: boolean;
  /** What an earlier try of this restore made of it has its name. */
  redoes: boolean;
  /** Its own name was taken, and the policy gave it another. */
  keepsBoth: boolean;
  /** For a link: the path of the file that it is another name of. */
  existing: string | null;
  /** Another name of a file that cannot be made a link here. */
  isCopy: boolean;
};

export function itemOf(found: Found): Item {
  return {
    ...found,
    as: found.name,
    action: 'whole',
    replaces: false,
    redoes: false,
    keepsBoth: false,
    existing: null,
    isCopy: false,
  };
}

export function decideOn(item: Item, decision: Exclude<Decision, { kind: 'skip' }>): void {
  item.as = decision.name;
  item.action = decision.kind === 'compare' || decision.kind === 'adopt' ? decision.kind : 'whole';
  item.replaces = decision.kind === 'replace' || (decision.kind === 'adopt' && decision.replaces);
  item.redoes = decision.kind === 'redo' || (decision.kind === 'adopt' && decision.isOwn);
  item.keepsBoth = 'keepsBoth' in decision && decision.keepsBoth;
}

export function taskOf(item: Item, action: Task['action']): Omit<Task, 'firstChunk' | 'chunks'> {
  const fields = taskFields(item.entry);
  const { number, place, as, replaces, redoes } = item;
  const extra = action === 'link' && item.existing !== null ? linkExtra(item.existing) : fields.extra;
  return { ...fields, number, folder: place.path, name: as, action, replaces, redoes, extra };
}

export const targetPath = (item: Item): string => joinPath(item.place.path, item.as);
/** In the snapshot. */
export const originPath = (item: Found): string => joinPath(item.place.origin, item.name);

export function bytesOf(item: Found): number {
  return item.entry.kind === 'file' ? item.entry.size : 0;
}

/** Recorded as durable, and still there. */
export function isRestored(item: Item, resume: Resume, places: Places): boolean {
  if (!resume.isDone(item.number)) return false;
  item.as = resume.nameOf(item.number) ?? item.as;
  const isThere = places.has(item.place, item.as);
  if (!isThere) item.as = item.name;
  return isThere;
}
