import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { CofferError, defaultHome } from '../../base/index.ts';
import type { Run } from '../cli/commands.ts';
import type { BareSession } from '../cli/session.ts';
import { systemReason } from '../text/reasons.ts';
import { type Unit, unitFor } from './units.ts';

/** Writes the file with which the system starts the agent at sign-in; puts it to use only when asked to. */
export const install: Run<'daemon install'> = async (session, { options }) => {
  const { output } = session;
  const unit = unitOf(session);
  writeUnit(unit);
  if (options.enable) await perform(unit, unit.enable);
  output.object({ path: unit.path, command: unit.enable.join(' '), enabled: options.enable });
  output.say(`Written: ${output.path(unit.path)}`);
  output.say(options.enable ? '  The agent runs, and starts at sign-in.' : `  To use it: ${unit.enable.join(' ')}`);
  return 'done';
};

export const uninstall: Run<'daemon uninstall'> = async (session, { options }) => {
  const { output } = session;
  const unit = unitOf(session);
  const removed = statSync(unit.path, { throwIfNoEntry: false }) !== undefined;
  if (removed && options.disable) await perform(unit, unit.disable);
  rmSync(unit.path, { force: true });
  output.object({ path: unit.path, removed, command: unit.disable.join(' ') });
  if (!removed) output.say('There is no such file; the agent does not start at sign-in.');
  else output.say(`Removed: ${output.path(unit.path)}`);
  if (removed && !options.disable) output.say(`  If it was in use: ${unit.disable.join(' ')}`);
  return 'done';
};

function unitOf({ host, home }: BareSession): Unit {
  const { platform, userHome, environment, program } = host;
  return unitFor({
    ...{ platform, userHome, environment, program },
    user: process.getuid?.() ?? 0,
    home: home === defaultHome(platform, {}, userHome) ? null : home,
    searchPath: [...new Set([dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'])].join(':'),
  });
}

function writeUnit({ path, text }: Unit): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // The system may read it at any moment.
    writeFileSync(`${path}.new`, text, { mode: 0o644 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new CofferError('target.unusable', { path, detail: systemReason(error) }, error);
  }
}

function perform({ path }: Unit, [program, ...args]: Unit['enable']): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: 'utf8' }, (error, _, text) => {
      if (error === null) return resolve();
      // What it has done comes first, what it could not do last.
      const detail = text.trim().split('\n').at(-1)?.replace(/\.$/, '') || systemReason(error);
      reject(new CofferError('autostart.failed', { command: [program, ...args].join(' '), detail, path }, error));
    });
  });
}
