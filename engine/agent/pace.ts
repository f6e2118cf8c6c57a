import type { Pace } from '../contract/index.ts';
import type { PowerPort } from './ports.ts';

/** The pace of a run that begins now: on battery a step gentler than was chosen, for the charge and for the fan. */
export function paceNow(chosen: Pace, { onBattery }: ReturnType<PowerPort['read']>): Pace {
  if (!onBattery) return chosen;
  return chosen === 'full' ? 'normal' : 'gentle';
}
