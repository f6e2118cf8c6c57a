import { nameBytes } from '../../filesystem/index.ts';

/** The longest name that the usual file systems take, in bytes. */
const nameBytesMost = 255;

/**
 * Hidden names that a restore uses beside what it restores. They hold the restore's own random id, so what has such a
 * name is never somebody else's.
 */
export type HiddenNames = {
  /** Until its content is proven and its metadata set. */
  part(entry: number): string;
  /** What was replaced, until it can no longer be undone. */
  old(entry: number): string;
};

export function hiddenNames(restore: string): HiddenNames {
  return {
    part: (entry) => `.coffer-${restore}-${entry.toString(36)}.part`,
    old: (entry) => `.coffer-${restore}-${entry.toString(36)}.old`,
  };
}

/** `report (restored).odt`, `report (restored 2).odt`, … */
export function nameBeside(name: string, attempt: number, word = 'restored'): string {
  const suffix = attempt === 1 ? ` (${word})` : ` (${word} ${attempt})`;
  const dot = name.lastIndexOf('.');
  const hasExtension = dot > 0 && name.length - dot <= 16;
  const extension = hasExtension ? name.slice(dot) : '';
  const room = nameBytesMost - nameBytes(suffix + extension).length;
  return shortened(hasExtension ? name.slice(0, dot) : name, room) + suffix + extension;
}

/** Whole characters only. */
function shortened(text: string, room: number): string {
  if (nameBytes(text).length <= room) return text;
  const characters = [...text];
  while (characters.length > 0 && nameBytes(characters.join('')).length > room) characters.pop();
  return characters.join('');
}
