import { readFile } from 'node:fs/promises';
import { CofferError } from '../../../base/index.ts';
import type { BackupCrew, BackupOptions } from '../../engine.ts';
import { systemReason } from '../../text/reasons.ts';
import type { CallOf, Run } from '../commands.ts';
import { parseBytes, parseDays } from '../quantities.ts';
import type { Session } from '../session.ts';
import { backupProgress } from './backup-progress.ts';
import { showBackup } from './backup-words.ts';

export const backup: Run<'backup'> = async (session, call) => {
  const { engine, ports, output, host, signal } = session;
  const paths = call.arguments.map(session.fullPath);
  const show = backupProgress(paths);
  // Before a secret is asked for: who mistyped a path should not have to type a passphrase to hear it.
  for (const path of paths) {
    if (!host.isThere(path)) throw new CofferError('path.notFound', { path });
  }
  const rules = await rulesOf(session, call);
  let started: BackupCrew | null = null;
  const crew = (): BackupCrew => (started ??= engine.startBackupCrew(ports));
  // The scan runs while the vault is being unlocked, also while a person types. The engine closes the vault.
  const work = engine.backup(ports, session.open('write', { beforeSecret: crew }), {
    paths,
    rules,
    oneFileSystem: !call.options['cross-filesystems'],
    tags: call.options.tag,
    app: `coffer ${host.version}`,
    host: host.hostName,
    user: host.userName,
    userHome: host.userHome,
    signal,
    crew,
    onProgress: (progress) => output.live.show(() => show(progress)),
  });
  const result = await work.finally(() => started?.end());
  const { snapshot, files, folders, others, bytes, changedFiles, readBytes, newBytes, storedBytes } = result;
  const { failed, failures, excluded, leftOut, seconds, notices } = result;
  output.object({
    ...{ snapshot, files, folders, others, bytes, changedFiles, readBytes, newBytes, storedBytes },
    ...{ failed, failures, excluded, leftOut, seconds, notices },
  });
  showBackup(output, result);
  return failed > 0 ? 'someFilesFailed' : 'done';
};

async function rulesOf({ fullPath }: Session, { options }: CallOf<'backup'>): Promise<BackupOptions['rules']> {
  const files = await Promise.all(options['exclude-file'].map((file) => patternsOf(fullPath(file))));
  const sizeMax = options['max-size'];
  const ageMax = options['max-age'];
  return {
    patterns: [...files.flat(), ...options.exclude],
    // The table's choices are the names of the engine's presets; `parse` let no other through.
    presets: options.preset as BackupOptions['rules']['presets'],
    cacheDirTag: !options['no-cachedir-tag'],
    ...(sizeMax === undefined ? {} : { sizeMax: parseBytes(sizeMax, '--max-size', 'backup') }),
    ...(ageMax === undefined ? {} : { ageMaxDays: parseDays(ageMax, '--max-age', 'backup') }),
  };
}

/** Lines as in a .gitignore; the engine knows which of them are remarks. */
async function patternsOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8'))
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .filter((line) => line !== '');
  } catch (error) {
    throw new CofferError('rules.fileUnreadable', { path: file, detail: systemReason(error) }, error);
  }
}
