import type { Run } from './commands.ts';
import type { CommandName } from './table/index.ts';

/** The code of each command, loaded when it is called, so that the others cost nothing. */
export const loaders: { readonly [Name in CommandName]: () => Promise<Run<Name>> } = {
  init: async () => (await import('./commands/init.ts')).init,
  backup: async () => (await import('./commands/backup.ts')).backup,
  snapshots: async () => (await import('./commands/snapshots.ts')).snapshots,
  ls: async () => (await import('./commands/ls.ts')).ls,
  find: async () => (await import('./commands/find.ts')).find,
  diff: async () => (await import('./commands/diff.ts')).diff,
  restore: async () => (await import('./commands/restore.ts')).restore,
  undo: async () => (await import('./commands/undo.ts')).undo,
  cat: async () => (await import('./commands/cat.ts')).cat,
  check: async () => (await import('./commands/check.ts')).check,
  repair: async () => (await import('./commands/repair.ts')).repair,
  'keys list': async () => (await import('./commands/keys.ts')).list,
  'keys add': async () => (await import('./commands/keys.ts')).add,
  'keys remove': async () => (await import('./commands/keys.ts')).remove,
  'keys passphrase': async () => (await import('./commands/keys.ts')).passphrase,
  'keys remember': async () => (await import('./commands/remember.ts')).remember,
  'keys forget': async () => (await import('./commands/remember.ts')).forget,
  stats: async () => (await import('./commands/stats.ts')).stats,
  config: async () => (await import('./commands/config.ts')).config,
};
