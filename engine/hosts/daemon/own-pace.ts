import { readFileSync, writeFileSync } from 'node:fs';
import type { Pace } from '../../contract/index.ts';

/** Where Linux shows this process; a test shows another. */
export type OwnPaceOptions = {
  readonly platform: string;
  readonly processId: number;
  /** The supervisor, which leads a session of its own; null where there is none. */
  readonly parentId: number | null;
  readonly folder?: string;
};

const niceness: Readonly<Record<Pace, number>> = { gentle: 13, normal: 5, full: 0 };

/**
 * How much this process gives way as a whole. Desktops share the processor among sessions first, and a niceness counts only
 * within one: an agent in a session of its own would take as much as all of the person's programs in another. So the session
 * itself is made nice, which can be taken back. A session with other programs in it (a terminal) is left alone; there
 * the threads of a run are nice by themselves.
 */
export function createOwnPace({ platform, processId, parentId, folder = '/proc/self' }: OwnPaceOptions) {
  return (pace: Pace): void => {
    if (platform !== 'linux') return;
    try {
      const session = sessionOf(readFileSync(`${folder}/stat`, 'utf8'));
      if (session === processId || session === parentId) writeFileSync(`${folder}/autogroup`, String(niceness[pace]));
    } catch {
      // A system that shares without sessions, or was asked a moment ago; the next run asks again.
    }
  };
}

/** "77 (its name) S parent group session …"; the name may hold anything. */
function sessionOf(stat: string): number {
  const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(session);
}
