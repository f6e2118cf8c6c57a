import { resolve } from 'node:path';
import { defaultHome } from '../../base/index.ts';
import type { Host } from './host.ts';

/** COFFER_HOME in full, or what the system has for such data. */
export function homeOf({
  environment,
  folder,
  platform,
  userHome,
}: Pick<Host, 'environment' | 'folder' | 'platform' | 'userHome'>): string {
  return environment.COFFER_HOME
    ? resolve(folder, environment.COFFER_HOME)
    : defaultHome(platform, environment, userHome);
}
