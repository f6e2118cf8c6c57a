import { CofferError } from '../../../base/index.ts';
import type { BackupCrew } from '../../engine.ts';
import type { Run } from '../commands.ts';
import { backupProgress } from './backup-progress.ts';
import { showBackup } from './backup-words.ts';
import { rulesOf } from './rules.ts';

export const backup: Run<'backup'> = async (session, call) => {
  const { engine, ports, output, host, signal } = session;
  const paths = call.arguments.map(session.fullPath);
  const show = backupProgress(paths);
  // Before a secret is asked for: who mistyped a path should not have to type a passphrase to hear it.
  for (const path of paths) {
    if (!host.isThere(path)) throw new CofferError('path.notFound', { path });
  }
  const rules = await rulesOf(session, call.options, 'backup');
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
