import type {
  RestoreCrew,
  RestoreOptions,
  RestorePlan,
  RestoreProgress,
  RestoreResult,
  SnapshotInfo,
} from '../../engine.ts';
import { countOf, formatBytes, formatCount, formatSeconds, formatShare, formatTimeLeft } from '../../text/figures.ts';
import { shortName } from '../../text/names.ts';
import { isVaultDamage } from '../../text/reasons.ts';
import { formatTime } from '../../text/times.ts';
import type { CallOf, Run } from '../commands.ts';
import { failureLines, linesByReason } from '../failure-lines.ts';
import { planJson } from '../json.ts';
import type { Output } from '../output.ts';
import type { Session } from '../session.ts';
import { unlessStopped } from '../stopping.ts';
import { usageError } from '../usage.ts';

export const restore: Run<'restore'> = async (session, call) => {
  const { engine, ports, output, signal } = session;
  const target = targetOf(session, call);
  const dryRun = call.options['dry-run'];
  let crew: RestoreCrew | null = null;
  // Not before: unlocking takes as long as threads to start, and should not have to wait for them.
  const beforeSecret = (): void => {
    if (!dryRun) crew ??= engine.startRestoreCrew(ports);
  };
  const work = session.withVault(
    'read',
    async (vault) => {
      const [name = '', ...paths] = call.arguments;
      const snapshot = engine.findSnapshot(vault, name);
      const options = optionsOf(session, call, snapshot, paths, target);
      const plan = await unlessStopped(engine.planRestore(ports, vault, { ...options, signal }), signal);
      showPlan(output, snapshot, plan, options);
      await output.flush();
      const answer = { snapshot: snapshot.id, target, dryRun, plan: planJson(plan) };
      if (dryRun) {
        output.object(answer);
        output.say('Nothing was written. Without --dry-run it is done.');
        return 'done';
      }
      const result = await engine.executeRestore(ports, vault, plan, {
        signal,
        onProgress: (progress) => output.live.show(() => progressLine(progress)),
        ...(crew === null ? {} : { crew }),
      });
      const { files, folders, bytes, skipped, keptBoth, replaced, failed, failures, remarks, seconds } = result;
      output.object({
        ...answer,
        id: result.undoable ? result.id : null,
        files,
        folders,
        bytes,
        skipped,
        keptBoth,
        replaced,
        failed,
        failures,
        remarks,
        seconds,
      });
      showResult(output, result);
      if (failed === 0) return 'done';
      return failures.some(({ code }) => isVaultDamage(code)) ? 'vaultDamaged' : 'someFilesFailed';
    },
    { beforeSecret },
  );
  return await work.finally(() => crew?.end());
};

function targetOf(session: Session, { options }: CallOf<'restore'>): string | null {
  if (options.target !== undefined && options.original) {
    throw usageError('--target and --original exclude each other: a restore goes to one place.', 'restore');
  }
  if (options.target === undefined && !options.original) {
    throw usageError(
      'Say where to restore: --target DIR for a folder, --original for where the files were.',
      'restore',
    );
  }
  return options.target === undefined ? null : session.fullPath(options.target);
}

function optionsOf(
  { fullPath, host }: Session,
  { options }: CallOf<'restore'>,
  snapshot: SnapshotInfo,
  paths: readonly string[],
  target: string | null,
): RestoreOptions {
  const policy = options['on-conflict'];
  return {
    snapshot,
    paths: paths.map(fullPath),
    target,
    userHome: host.userHome,
    // `parse` let only the table's choices through, which are the engine's policies.
    ...(policy === undefined ? {} : { onConflict: policy as NonNullable<RestoreOptions['onConflict']> }),
  };
}

function showPlan(output: Output, snapshot: SnapshotInfo, plan: RestorePlan, options: RestoreOptions): void {
  const where = options.target === null ? 'to where the files were' : `to ${output.path(options.target)}`;
  const from = `snapshot ${shortName(snapshot.id)} of ${formatTime(snapshot.finished)}, ${output.path(snapshot.host)}`;
  output.say(`Restore ${where}, from ${from}`);
  output.say(`  ${countOf(plan.files, 'file')}, ${countOf(plan.folders, 'folder')}, ${formatBytes(plan.bytes)}`);
  for (const { from: before, to } of plan.mappings) output.say(`  ${output.path(before)} → ${output.path(to)}`);
  if (plan.conflicts > 0) output.say(`  ${conflictWords(plan.conflicts, options.onConflict ?? 'keep-both')}`);
  if (snapshot.deferred > 0) {
    output.say(
      `  still to come when this snapshot was made: ${countOf(snapshot.deferred, 'file')}; a later one may have more`,
    );
  }
  if (plan.resumes) output.say('  goes on where an earlier restore stopped');
}

function conflictWords(count: number, policy: 'keep-both' | 'skip' | 'overwrite'): string {
  const taken = count === 1 ? '1 name is taken' : `${formatCount(count)} names are taken`;
  switch (policy) {
    case 'keep-both':
      return `${taken}: where files differ both are kept, the restored one under another name`;
    case 'skip':
      return `${taken}: what is there stays as it is`;
    case 'overwrite':
      return `${taken}: where files differ they are replaced (coffer undo puts them back, for 7 days)`;
  }
}

function progressLine({ doneFiles, doneBytes, totalFiles, totalBytes, seconds }: RestoreProgress): string {
  const parts = [
    `${formatCount(doneFiles)} of ${countOf(totalFiles, 'file')}`,
    formatShare(doneBytes, totalBytes),
    seconds >= 1 && doneBytes > 0 ? `${formatBytes(doneBytes / seconds)}/s` : '',
    formatTimeLeft(doneBytes, totalBytes, seconds) ?? '',
  ];
  return `  restoring   ${parts.filter((part) => part !== '').join(' · ')}`;
}

function showResult(output: Output, result: RestoreResult): void {
  const { style } = output;
  const { files, bytes, seconds, failed, failures, remarks } = result;
  const figures = `${countOf(files, 'file')}, ${formatBytes(bytes)}, in ${formatSeconds(seconds)}`;
  output.say(
    failed === 0
      ? `${style.safe('Restored.')} ${figures}`
      : `${style.attention(`Restored, except ${countOf(failed, 'file')}.`)} ${figures}`,
  );
  const parts = [
    result.keptBoth === 0 ? '' : `kept both ${formatCount(result.keptBoth)}`,
    result.replaced === 0 ? '' : `replaced ${formatCount(result.replaced)}`,
    result.skipped === 0 ? '' : `${formatCount(result.skipped)} left as ${result.skipped === 1 ? 'it is' : 'they are'}`,
  ].filter((part) => part !== '');
  if (parts.length > 0) output.say(`  ${parts.join(' · ')}`);
  if (!output.json) {
    output.errorLines(failureLines(output, failures, failed));
    const items = remarks.map(({ path, remark }) => ({ path, reason: remark }));
    output.errorLines(linesByReason('remark', items, { isTerminal: output.isErrorTerminal, columns: output.columns }));
  }
  if (result.undoable) output.say('  to take it back within 7 days: coffer undo');
}
