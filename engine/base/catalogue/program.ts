import { type CatalogueEntry, entry } from './entry.ts';

/** The program itself. */
export const programErrors = {
  usage: entry('usage', 'person', '{detail}', 'Nothing was done.', 'See: coffer {command} --help'),
  'usage.program': entry('usage', 'person', '{detail}', 'Nothing was done.', 'See: coffer --help'),
  cancelled: entry(
    'cancelled',
    'person',
    'Stopped.',
    'What was stored so far stays and will be used; no snapshot was made.',
    'Run the same command again: it goes on where it stopped.',
  ),
  'cancelled.restore': entry(
    'cancelled',
    'person',
    'Stopped.',
    'Files restored so far are whole; the others are not there yet.',
    'Run the same command again: it goes on where it stopped. Or take back what was restored with: coffer undo',
  ),
  'cancelled.other': entry(
    'cancelled',
    'person',
    'Stopped.',
    'Nothing is half done, and the vault is as safe as before.',
    'Run the same command again when it suits.',
  ),
  'output.failed': entry(
    'failed',
    'person',
    'The output could not be written: {detail}.',
    'What was written so far may be cut off; the vault is as it was.',
    'Check the disk that the output goes to, and run the same command again.',
  ),
  'program.fault': entry(
    'failed',
    'never',
    'Coffer met a fault of its own and stopped.',
    'What was protected before stays safe.',
    'The details are in {log}',
  ),
} as const satisfies Record<string, CatalogueEntry>;
