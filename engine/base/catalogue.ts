/** What a caller may do about an error: nothing, try again after a while, or ask the person. */
export type Retry = 'never' | 'later' | 'person';

/** Exit codes of the command line; the table in README.md is the same. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  someFilesFailed: 3,
  vaultDamaged: 4,
  secretWrong: 5,
  storeUnavailable: 6,
  busy: 7,
  notYet: 8,
  cancelled: 130,
} as const;

export type ExitName = keyof typeof exitCodes;

type CatalogueEntry = {
  readonly what: string;
  readonly meaning: string;
  readonly remedy: string;
  readonly retry: Retry;
  readonly exit: ExitName;
};

const entry = (exit: ExitName, retry: Retry, what: string, meaning: string, remedy: string): CatalogueEntry => ({
  what,
  meaning,
  remedy,
  retry,
  exit,
});

/**
 * Every error of the world that a person can meet: what happened, what it means for the files, what to do.
 * One catalogue feeds the command line, the interface and the documentation. `{name}` comes from the error's context.
 */
export const catalogue = {
  // --- secrets and slots
  'secret.wrong': entry(
    'secretWrong',
    'person',
    'That passphrase does not open this vault.',
    'Nothing was changed. The files in the vault are safe, but they stay closed without a right secret.',
    'Try again, or use the recovery phrase (24 words) with --recovery-phrase.',
  ),
  'secret.missing': entry(
    'secretWrong',
    'person',
    'A passphrase is needed to open this vault, and none was given.',
    'Nothing was read or changed.',
    'Run this in a terminal to be asked, set COFFER_PASSPHRASE, or use --passphrase-file FILE.',
  ),
  'secret.missingNew': entry(
    'secretWrong',
    'person',
    'A new passphrase is needed, and none was given.',
    'No key was added or changed; the old passphrase goes on working.',
    'Run this in a terminal to be asked, set COFFER_NEW_PASSPHRASE, or use --new-passphrase-file FILE.',
  ),
  'secret.missingFirst': entry(
    'secretWrong',
    'person',
    'A passphrase for the new vault is needed, and none was given.',
    'No vault was made.',
    'Run this in a terminal to be asked, set COFFER_PASSPHRASE, or use --passphrase-file FILE.',
  ),
  'secret.weak': entry(
    'usage',
    'person',
    'The new passphrase is empty.',
    'No vault was made and no key was changed.',
    'Choose a passphrase of at least one character; a sentence of several words is best.',
  ),
  'phrase.invalid': entry(
    'secretWrong',
    'person',
    'These are not the 24 words of a recovery phrase: {reason}.',
    'Nothing was read or changed.',
    'Compare the words with the recovery sheet; a single wrong or swapped word is noticed.',
  ),
  'phrase.wrong': entry(
    'secretWrong',
    'person',
    'That recovery phrase does not belong to this vault.',
    'Nothing was changed. The words are well formed, but they open another vault.',
    'Look for the recovery sheet of this vault, or use its passphrase.',
  ),
  'secret.differs': entry(
    'secretWrong',
    'person',
    'The two passphrases differ.',
    'No vault was made and no key was changed.',
    'Run the same command again.',
  ),
  'secret.fileUnreadable': entry(
    'secretWrong',
    'person',
    'The passphrase file {path} cannot be read: {detail}.',
    'Nothing was read or changed in the vault.',
    'Check the path and its permissions.',
  ),
  'keychain.unavailable': entry(
    'failed',
    'person',
    'The system keychain cannot be used: {detail}.',
    'It was left as it is, and so was the vault.',
    'Use COFFER_PASSPHRASE or --passphrase-file FILE instead. On Linux the keychain is a Secret Service, such as GNOME Keyring or KWallet.',
  ),
  'keychain.passphraseOnly': entry(
    'usage',
    'person',
    'The system keychain keeps passphrases, and the vault was opened with a recovery phrase.',
    'Nothing was kept.',
    'Open it with a passphrase; a new one can be made with: coffer keys add --recovery-phrase',
  ),
  'slot.damaged': entry(
    'vaultDamaged',
    'person',
    'The key slot {key} is damaged.',
    'The secret that belongs to this slot cannot open the vault any more. Other secrets still can.',
    'Open the vault with another secret and add a new passphrase with: coffer keys add',
  ),
  'slot.refused': entry(
    'vaultDamaged',
    'never',
    'The key slot {key} asks for work outside the safe limits ({reason}) and was refused.',
    'Coffer did not try it: a store could use such a slot to exhaust this computer.',
    'Open the vault with another secret, then remove this slot with: coffer keys remove {key}',
  ),
  'slot.unknown': entry(
    'usage',
    'person',
    'There is no key slot {key} in this vault.',
    'Nothing was changed.',
    'See the slots with: coffer keys list',
  ),
  'slot.last': entry(
    'usage',
    'person',
    'This is the only key slot of the vault.',
    'Without it nobody could open the vault again, so it was kept.',
    'Add another key first with: coffer keys add',
  ),

  'slot.tooMany': entry(
    'usage',
    'person',
    'The vault has {most} keys, which is all it may have.',
    'No key was added; every key makes opening the vault slower.',
    'Remove one that is not needed with: coffer keys remove KEY (see: coffer keys list)',
  ),

  // --- vaults
  'vault.exists': entry(
    'failed',
    'person',
    'There is a vault at {store} already.',
    'It was left as it is.',
    'Use it as it is, or choose an empty place.',
  ),
  'vault.notFound': entry(
    'storeUnavailable',
    'person',
    'There is no vault at {store}.',
    'Nothing was backed up or restored.',
    'Check the path; if a drive holds the vault, connect the drive. Only if this is where a new vault should be: coffer init --store {store}',
  ),
  'vault.configMissing': entry(
    'vaultDamaged',
    'person',
    'The vault at {store} has lost its "config".',
    'Nothing was backed up or restored. The packs are there, but the vault cannot be opened without its config.',
    'If the folder is still being copied or synchronised, let that finish. Else put back a copy of "config" from another place that holds this vault; do not make a new vault here.',
  ),
  'vault.notEmpty': entry(
    'failed',
    'person',
    'The folder {store} is not empty and holds no vault.',
    'It was left as it is.',
    'Choose an empty or a new folder for the vault.',
  ),
  'vault.notAVault': entry(
    'vaultDamaged',
    'person',
    'The file "config" at {store} is not that of a Coffer vault.',
    'Nothing was read or changed.',
    'Check the path. If this was a vault, its config is damaged: put back a copy of "config" from another place that holds this vault.',
  ),
  'vault.configDamaged': entry(
    'vaultDamaged',
    'person',
    'The vault at {store} has a damaged "config".',
    'The packs may be whole, but the vault cannot be opened without its config.',
    'Put back a copy of "config" from another place that holds this vault.',
  ),
  'vault.newer': entry(
    'failed',
    'person',
    'A newer Coffer wrote this vault ({detail}).',
    'Nothing was changed; this version does not know how to treat it safely.',
    'Install the newest Coffer and try again.',
  ),
  'vault.noKeys': entry(
    'vaultDamaged',
    'person',
    'The vault at {store} has no key slots.',
    'It cannot be opened: the slots were removed, or the place does not show them.',
    'Check that the whole vault is there; put back the folder "keys" from another copy.',
  ),
  'vault.rolledBack': entry(
    'vaultDamaged',
    'person',
    'The vault at {store} is older than what this computer has seen: {detail}.',
    'Newer snapshots are missing there. Nothing was written, so that nothing gets worse.',
    'If you put back an old copy of the place on purpose, accept it with --accept-rollback. Otherwise look for what changed or removed files there.',
  ),
  'vault.busy': entry(
    'busy',
    'later',
    'Another Coffer on this computer is writing to this vault ({holder}).',
    'Nothing was done twice; reading and restoring go on meanwhile.',
    'Wait until it is done, or use --wait.',
  ),
  'vault.another': entry(
    'storeUnavailable',
    'person',
    'Another vault lies at {store} than the one that was there before.',
    'Nothing was written to it. Files changed since the last backup wait.',
    'Attach the right drive, or remove this place and add it again to use the vault that is there now.',
  ),
  'object.damaged': entry(
    'vaultDamaged',
    'never',
    'The object {key} is damaged: {reason}.',
    'What only this object holds cannot be read. Everything else can.',
    'Run: coffer check --read-data, then coffer repair',
  ),
  'object.missing': entry(
    'vaultDamaged',
    'never',
    'The object {key} is missing.',
    'What only this object holds cannot be read. Everything else can.',
    'Run: coffer check, then coffer repair',
  ),
  'chunk.missing': entry(
    'vaultDamaged',
    'never',
    'A piece of data that {path} needs is missing from the vault.',
    'This version of the file cannot be restored whole. Everything else can.',
    'Back up again while the file is still on this computer, or restore an older version.',
  ),
  'snapshot.notFound': entry(
    'usage',
    'person',
    'There is no snapshot {snapshot} in this vault.',
    'Nothing was done.',
    'See the snapshots with: coffer snapshots',
  ),
  'snapshot.ambiguous': entry(
    'usage',
    'person',
    'More than one snapshot begins with {snapshot}.',
    'Nothing was done.',
    'Give more letters of its name; see: coffer snapshots',
  ),
  'snapshot.none': entry(
    'failed',
    'person',
    'This vault has no snapshot yet.',
    'There is nothing to restore.',
    'Make the first one with: coffer backup --store {store} FOLDER',
  ),

  // --- stores
  'store.missing': entry(
    'storeUnavailable',
    'later',
    'The place {store} cannot be found.',
    'Nothing was backed up to it or read from it.',
    'If it is on a drive, connect the drive; else check the path. Only if this is where a new vault should be: coffer init --store {store}',
  ),
  'store.notAFolder': entry(
    'storeUnavailable',
    'person',
    'The place {store} is not a folder.',
    'A vault is kept in a folder. Nothing was backed up or restored, and what is there was left as it is.',
    'Check the path. For a new vault, give a folder that is empty or does not exist yet.',
  ),
  'store.full': entry(
    'failed',
    'later',
    'The place {store} is full.',
    'What was stored before stays safe and will be used; no snapshot was made of the rest.',
    'Free some space there and run the same command again: it goes on where it stopped.',
  ),
  'store.denied': entry(
    'storeUnavailable',
    'person',
    'The place {store} does not let Coffer {action}.',
    'No backup was made. Nothing that was stored before is lost.',
    'Check the permissions of that folder, and whether its drive is mounted read-only.',
  ),
  'store.failed': entry(
    'failed',
    'later',
    'The place {store} failed: {detail}.',
    'What was stored before stays safe; no snapshot was made of the rest.',
    'Check the drive or the connection, and run the same command again.',
  ),
  'store.objectMissing': entry(
    'vaultDamaged',
    'never',
    'The object {key} is not at {store}.',
    'What only this object holds cannot be read.',
    'Run: coffer check',
  ),
  'store.objectExists': entry(
    'failed',
    'never',
    'The object {key} is at {store} already.',
    'It was left as it is: objects are written once.',
    'Nothing is to be done.',
  ),
  'store.urlInvalid': entry(
    'usage',
    'person',
    'This is not a place Coffer knows: {url}.',
    'Nothing was done.',
    'Give a folder, such as /mnt/disk/vault.',
  ),

  // --- files
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
  'path.notInSnapshot': entry(
    'failed',
    'person',
    'The snapshot {snapshot} has no {path}.',
    'Nothing was restored or read, not the other paths given either.',
    'See what it has with: coffer ls {snapshot}',
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

  // --- the agent
  'source.known': entry(
    'usage',
    'person',
    '{path} is protected already.',
    'Nothing was changed.',
    'To change its rules, remove it with coffer sources remove, then add it again.',
  ),
  'source.overlaps': entry(
    'usage',
    'person',
    '{path} and {other}, which is protected already, hold one another.',
    'Nothing was changed.',
    'Protect the outer folder, and leave out by a rule what you do not want of it.',
  ),
  'source.unknown': entry(
    'usage',
    'person',
    '{path} is not among the protected folders.',
    'Nothing was changed.',
    'See: coffer sources list',
  ),
  'place.known': entry(
    'usage',
    'person',
    '{store} is a place already.',
    'Nothing was changed.',
    'See: coffer places list',
  ),
  'place.unknown': entry(
    'usage',
    'person',
    '{store} is not among the places.',
    'Nothing was changed.',
    'See: coffer places list',
  ),
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

  // --- the agent
  'agent.badCall': entry(
    'failed',
    'never',
    'The background agent does not understand what it was asked ({method}: {detail}).',
    'Nothing was changed, and backups go on as before.',
    'If Coffer was updated while the agent ran, restart it: coffer daemon stop, then coffer daemon start',
  ),
  'agent.busy': entry(
    'busy',
    'later',
    'The background agent has been asked too many things at once.',
    'This one was not begun; backups go on as before.',
    'Wait for what was asked before, and try again.',
  ),
  'agent.denied': entry(
    'failed',
    'person',
    'The background agent at {path} belongs to another user.',
    'It was asked nothing, and nothing was changed.',
    'Run this as the user whose agent it is, or set COFFER_HOME to a folder of your own.',
  ),
  'agent.fault': entry(
    'failed',
    'later',
    'The background agent met a fault of its own while doing this.',
    'What was protected before stays safe.',
    'Try again; the details are in the log of the agent.',
  ),
  'agent.gone': entry(
    'failed',
    'later',
    'The background agent has ended, and its answer was lost.',
    'What was protected before stays safe. While no agent runs, nothing new is backed up.',
    'Start it again with: coffer daemon start',
  ),
  'agent.notRunning': entry(
    'failed',
    'person',
    'Protection is not running.',
    'What was saved before stays safe; what has changed since is not saved.',
    'Start it: coffer daemon start',
  ),
  'agent.otherError': entry(
    'failed',
    'never',
    'The background agent, which is of another version, reported {error}.',
    'What was protected before stays safe.',
    'Restart it, so that both are of one version: coffer daemon stop, then coffer daemon start',
  ),
  'agent.otherVersion': entry(
    'failed',
    'person',
    'The background agent is of version {agent} and this program of version {own}; they do not understand each other.',
    'It was asked nothing; backups go on as before.',
    'Restart it, so that both are of one version: coffer daemon stop, then coffer daemon start',
  ),
  'agent.running': entry(
    'busy',
    'person',
    'A background agent is running already.',
    'It goes on, and nothing was changed.',
    'See what it does with: coffer status',
  ),
  'agent.silent': entry(
    'failed',
    'later',
    'The background agent does not answer.',
    'What was protected before stays safe; while it is stuck, nothing new is backed up.',
    'Try again in a moment. If it stays silent, end its process and start it with: coffer daemon start',
  ),
  'agent.socketUnusable': entry(
    'failed',
    'person',
    'The folder {path}, where programs reach the background agent, cannot be used: {detail}.',
    'The agent was not started, so nothing new is backed up.',
    'Remove that folder or correct its owner and permissions, and start the agent again.',
  ),
  'agent.tooLarge': entry(
    'failed',
    'never',
    'What the background agent was asked, or its answer, is too large to be sent.',
    'Backups go on as before.',
    'Ask for less at once.',
  ),

  // --- the agent's journal
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

  // --- the program
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

export type ErrorCode = keyof typeof catalogue;
