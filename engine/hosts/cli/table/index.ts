import { activity, now, pause, resume, status, wait, watch, why } from './agent.ts';
import {
  placesAdd,
  placesList,
  placesRemove,
  placesUnlock,
  settings,
  sourcesAdd,
  sourcesList,
  sourcesRemove,
} from './chosen.ts';
import { daemonInstall, daemonRun, daemonStart, daemonStatus, daemonStop, daemonUninstall } from './daemon.ts';
import { forget, pin, unforget, unpin } from './keep.ts';
import { keysAdd, keysForget, keysList, keysPassphrase, keysRemember, keysRemove } from './keys.ts';
import { backup, check, config, init, repair, space, stats } from './protect.ts';
import { cat, diff, find, ls, restore, snapshots, undo } from './return.ts';
import { drill, verify } from './trust.ts';
import type { CommandSpec } from './types.ts';
import { sweep } from './upkeep.ts';

export { type GlobalValues, globalOptions } from './globals.ts';
export * from './types.ts';

/** Every command, by the name a person types, in the order in which the help shows them. */
export const commandTable = {
  init,
  backup,
  snapshots,
  ls,
  find,
  diff,
  restore,
  undo,
  cat,
  forget,
  unforget,
  pin,
  unpin,
  check,
  verify,
  drill,
  repair,
  sweep,
  'keys list': keysList,
  'keys add': keysAdd,
  'keys remove': keysRemove,
  'keys passphrase': keysPassphrase,
  'keys remember': keysRemember,
  'keys forget': keysForget,
  stats,
  space,
  config,
  'sources add': sourcesAdd,
  'sources remove': sourcesRemove,
  'sources list': sourcesList,
  'places add': placesAdd,
  'places remove': placesRemove,
  'places list': placesList,
  'places unlock': placesUnlock,
  status,
  now,
  pause,
  resume,
  why,
  watch,
  wait,
  activity,
  settings,
  'daemon run': daemonRun,
  'daemon start': daemonStart,
  'daemon stop': daemonStop,
  'daemon status': daemonStatus,
  'daemon install': daemonInstall,
  'daemon uninstall': daemonUninstall,
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof commandTable;
export type OptionsOf<Name extends CommandName> = (typeof commandTable)[Name]['options'];

export const commandNames = Object.keys(commandTable) as CommandName[];

export function specOf(name: CommandName): CommandSpec {
  return commandTable[name];
}

/** First words of commands that need a second one. */
export const groups: ReadonlySet<string> = new Set(
  commandNames.filter((name) => name.includes(' ')).map((name) => name.split(' ')[0] ?? ''),
);
