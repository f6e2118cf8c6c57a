import { mainsPower, type Power } from './linux-power.ts';

/** What `pmset -g batt` says. */
export function macPowerOf(text: string): Power {
  const battery = /InternalBattery.*?\t(\d+)%/.exec(text)?.[1];
  if (battery === undefined) return mainsPower;
  return { onBattery: /drawing from 'Battery Power'/.test(text), percent: Number(battery) };
}
