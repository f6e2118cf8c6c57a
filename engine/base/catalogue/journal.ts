import { type CatalogueEntry, entry } from './entry.ts';

/** What Coffer keeps for itself on this computer. */
export const journalErrors = {
  'disk.full': entry(
    'failed',
    'later',
    'This computer has no space left at {path}.',
    'What was protected before stays safe.',
    'Free some space, or set COFFER_HOME to a folder on another disk, and run the same command again.',
  ),
  'home.unusable': entry(
    'failed',
    'person',
    'The folder for Coffer’s own data, {path}, cannot be used: {detail}.',
    'Nothing was backed up or restored.',
    'Correct its permissions, or set COFFER_HOME to another folder.',
  ),
  'journal.busy': entry(
    'busy',
    'later',
    'Another Coffer agent on this computer is using the journal in {path}.',
    'Nothing was done twice; the other one goes on protecting your files.',
    'Use the agent that runs, or end it with: coffer daemon stop',
  ),
  'journal.newer': entry(
    'failed',
    'person',
    'A newer Coffer wrote the journal in {path}.',
    'Nothing was changed; this version does not know how to treat it. What is in the vault stays safe, but nothing new is backed up.',
    'Install the newest Coffer and start it again.',
  ),
  'journal.network': entry(
    'failed',
    'person',
    'The folder for Coffer’s own data, {path}, is on a network drive ({kind}).',
    'Nothing was backed up: a journal there could be damaged by every break of the connection.',
    'Set COFFER_HOME to a folder on a disk of this computer. The vault itself may be on a network drive.',
  ),
  'journal.libraryOld': entry(
    'failed',
    'person',
    'This installation of Coffer has SQLite {version}, which can damage a journal.',
    'Nothing was backed up, so that nothing is damaged.',
    'Install Coffer again; it needs SQLite {least} or newer.',
  ),
  'journal.damaged': entry(
    'failed',
    'later',
    'The journal in {path} is damaged: {detail}.',
    'What is in the vault stays safe. The journal is only what the agent remembers; your sources, places and settings are kept beside it.',
    'Start the agent again: it puts the damaged file aside and begins a new one.',
  ),
} as const satisfies Record<string, CatalogueEntry>;
