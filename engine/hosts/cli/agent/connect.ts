import { CofferError } from '../../../base/index.ts';
import type { AttachAsked, Attached } from './attach.ts';

/** Where the command line meets the agent: the one place that knows how a running one is found and how one is made. */
export async function connectAgent(_asked: AttachAsked): Promise<Attached> {
  throw new CofferError('agent.notRunning');
}
