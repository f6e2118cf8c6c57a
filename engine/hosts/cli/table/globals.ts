import type { OptionSpec, ValuesOf } from './types.ts';

/** Options that every command takes, before or after its name. */
export const globalOptions = {
  store: { kind: 'text', value: 'DIR', says: 'the place that holds the vault; without it COFFER_STORE' },
  json: { kind: 'flag', says: 'results as JSON on standard output, errors as JSON on standard error' },
  quiet: { kind: 'flag', short: 'q', says: 'only what was asked for, and errors' },
  'passphrase-file': { kind: 'text', value: 'FILE', says: 'read the passphrase from a file' },
  'recovery-phrase': { kind: 'flag', says: 'open the vault with the 24 words; asks, or takes COFFER_PHRASE' },
  wait: { kind: 'flag', says: 'wait while another Coffer on this computer writes to the vault' },
  'accept-rollback': { kind: 'flag', says: 'accept that the place is older than what this computer has seen' },
  'no-color': { kind: 'flag', says: 'no colours; NO_COLOR does the same' },
  help: { kind: 'flag', short: 'h', says: 'show this help' },
  version: { kind: 'flag', says: 'show the version' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type GlobalValues = ValuesOf<typeof globalOptions>;
