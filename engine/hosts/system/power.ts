import type { Clock, Log } from '../../base/index.ts';
import type { PowerPort } from '../engine.ts';
import { mainsPower, type Power, powerOf, readSupplies } from './linux-power.ts';
import { macPowerOf } from './mac-power.ts';
import { createPolled } from './polled.ts';
import { textOfProgram } from './program.ts';

const everyMs = 30_000;

export type PowerOptions = {
  readonly platform: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Where Linux shows its supplies. */
  readonly supplies?: string;
};

/** Where nobody can be asked, the computer counts as on mains power. */
export function createPower({
  platform,
  clock,
  log,
  supplies = '/sys/class/power_supply',
}: PowerOptions): PowerPort & { stop(): void } {
  if (platform === 'linux') {
    const ask = (): Power => powerOf(readSupplies(supplies));
    return createPolled({ first: ask(), everyMs, ask, clock, log });
  }
  if (platform === 'darwin') {
    const ask = async (): Promise<Power> => macPowerOf(await textOfProgram('pmset', ['-g', 'batt']));
    return createPolled({ first: mainsPower, everyMs, ask, clock, log });
  }
  return { read: () => mainsPower, onChange: () => () => {}, stop: () => {} };
}
