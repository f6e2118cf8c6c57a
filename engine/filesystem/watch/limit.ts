import { systemCode } from '../../base/index.ts';
import type { WatchSystem } from './system.ts';

/** The system has no room for another watch. */
export class WatchLimit extends Error {
  readonly remedy: string;

  constructor(remedy: string, cause: unknown) {
    super('no room for more watches', { cause });
    this.name = 'WatchLimit';
    this.remedy = remedy;
  }
}

/** Settings by what the kernel answers when they are reached, and the least to raise them to: what desktops ship today. */
const settings = new Map([
  ['ENOSPC', { name: 'fs.inotify.max_user_watches', least: 524_288 }],
  ['EMFILE', { name: 'fs.inotify.max_user_instances', least: 1024 }],
  ['ENFILE', { name: 'fs.file-max', least: 1_048_576 }],
]);

/** Null when the error has another meaning. */
export function limitOf(error: unknown, system: WatchSystem): WatchLimit | null {
  const setting = settings.get(systemCode(error));
  if (!setting) return null;
  const present = system.setting(setting.name);
  return new WatchLimit(present === null ? '' : raise(setting.name, Math.max(setting.least, 2 * present)), error);
}

/** Written into a file of its own, because what `sysctl` alone sets is gone after the next start of the computer. */
function raise(name: string, value: number): string {
  const file = '/etc/sysctl.d/60-coffer.conf';
  return `echo ${name}=${value} | sudo tee -a ${file} && sudo sysctl -p ${file}`;
}
