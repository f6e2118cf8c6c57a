import { type CatalogueEntry, entry } from './entry.ts';

/** The person's files, and where they are restored to. */
export const fileErrors = {
  'path.notFound': entry(
    'failed',
    'person',
    'There is no {path}.',
    'No snapshot was made: nothing was backed up, not the other folders given either.',
    'Check the spelling; put names with spaces in quotes.',
  ),
  'path.own': entry(
    'usage',
    'person',
    '{path} is a vault or Coffer’s own folder.',
    'Nothing was backed up, not the other folders given either: a vault that holds itself would grow for ever.',
    'Choose the folders with your own files; a folder around a vault may be chosen, the vault in it is left out.',
  ),
  'path.nowhere': entry(
    'failed',
    'person',
    'There is no {path}, and no place has had it.',
    'Nothing was changed.',
    'Check the spelling; put names with spaces in quotes.',
  ),
  'path.notInSnapshot': entry(
    'failed',
    'person',
    'The snapshot {snapshot} has no {path}.',
    'Nothing was restored or read, not the other paths given either.',
    'See what it has with: coffer ls {snapshot}',
  ),
  'path.inNoSnapshot': entry(
    'failed',
    'person',
    'No snapshot has {path}.',
    'Nothing was changed.',
    'Check the spelling, or look for a part of its name with: coffer find',
  ),
  'target.notEmpty': entry(
    'failed',
    'person',
    'The target {path} is not empty.',
    'Nothing was written.',
    'Choose an empty folder, or say what to do with files that exist: --on-conflict keep-both, skip or overwrite.',
  ),
  'target.unusable': entry(
    'failed',
    'person',
    'The target {path} cannot be used: {detail}.',
    'Nothing was written there.',
    'Choose another folder, or correct its permissions.',
  ),
  'target.full': entry(
    'failed',
    'later',
    'The disk of {path} is full.',
    'Files restored so far are whole; the rest is not there yet.',
    'Free some space and run the same command again: it goes on where it stopped.',
  ),
  'drill.noRoom': entry(
    'failed',
    'person',
    'There is not enough room in {path} to restore to: {detail} more are needed.',
    'Nothing was restored; the vault and your files are as they were.',
    'Make room, choose a folder on another disk with --to, or restore fewer files with --files.',
  ),
  'undo.none': entry(
    'failed',
    'never',
    'There is no restore to undo.',
    'Nothing was changed.',
    'A restore can be undone for 7 days on the computer that ran it.',
  ),
  'undo.unknown': entry(
    'usage',
    'person',
    'There is no restore {restore} that could be undone.',
    'Nothing was changed.',
    'See which there are with: coffer undo --list',
  ),
  'rules.fileUnreadable': entry(
    'usage',
    'person',
    'The file of patterns {path} cannot be read: {detail}.',
    'Nothing was backed up, so that nothing is protected that you wanted left out.',
    'Check the path and its permissions.',
  ),
  'rules.presetUnknown': entry(
    'usage',
    'person',
    'There is no preset "{preset}".',
    'Nothing was changed.',
    'The presets are caches, build-output, virtual-machines and the others that coffer backup --help names.',
  ),
} as const satisfies Record<string, CatalogueEntry>;

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
  'cancelled.drill': entry(
    'cancelled',
    'person',
    'Stopped.',
    'What was restored is removed again; the drill counts for nothing.',
    'Run the same command again when it suits.',
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
