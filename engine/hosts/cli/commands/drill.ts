import { type ExitName, timeOfMs } from '../../../base/index.ts';
import type { DrillFailure, DrillOptions, DrillProgress, DrillReport, KeptReport } from '../../engine.ts';
import { countOf, formatBytes, formatCount, formatSeconds, formatShare } from '../../text/figures.ts';
import { formatAgo } from '../../text/moments.ts';
import { isVaultDamage, reasonOf } from '../../text/reasons.ts';
import { isoTime } from '../../text/times.ts';
import type { CallOf, Run } from '../commands.ts';
import { linesByReason } from '../failure-lines.ts';
import type { Output } from '../output.ts';
import { parseWhole } from '../quantities.ts';
import type { Session } from '../session.ts';
import { usageError } from '../usage.ts';

export const drill: Run<'drill'> = async (session, call) => {
  const { engine, ports, output, signal, host } = session;
  const options = optionsOf(session, call);
  return await session.withVault('read', async (vault) => {
    if (call.options.last) return showLast(output, await engine.keptReports(vault), host.clock.now());
    const { notices, ...kept } = await engine.drillVault(ports, vault, {
      ...options,
      signal,
      onProgress: (progress) => output.live.show(() => progressLine(progress)),
    });
    for (const notice of notices) output.note(notice);
    const proven = lastProven([kept, ...(await engine.keptReports(vault))]);
    output.object(drillJson(kept, proven));
    return showDrill(output, kept.report);
  });
};

function optionsOf({ fullPath }: Session, { options }: CallOf<'drill'>): Pick<DrillOptions, 'reach' | 'folder'> {
  const { files, full, to, last } = options;
  if (last && (full || files !== undefined || to !== undefined)) {
    throw usageError('--last shows the last drill and makes none: it takes no other option.', 'drill');
  }
  if (full && files !== undefined) {
    throw usageError('--files and --full exclude each other: a part of the files, or all.', 'drill');
  }
  const sample = files === undefined ? 32 : parseWhole(files, { from: 1, to: 10_000 }, '--files', 'drill');
  return {
    reach: full ? { kind: 'full' } : { kind: 'sample', files: sample },
    ...(to === undefined ? {} : { folder: fullPath(to) }),
  };
}

const isProven = ({ failed, files }: DrillReport): boolean => failed === 0 && files > 0;

function lastProven(kept: readonly KeptReport[]): DrillReport | null {
  return kept.find(({ report }) => isProven(report))?.report ?? null;
}

function drillJson({ report, signed }: KeptReport, proven: DrillReport | null): Record<string, unknown> {
  const { kind, atMs, seconds, snapshots, files, bytes, comparedWithHere, failed, failures } = report;
  return {
    ...{ proven: isProven(report), kind, at: isoTime(timeOfMs(atMs)), seconds, snapshots },
    ...{ files, bytes, comparedWithHere, failed, failures, signed },
    lastProven: proven === null ? null : isoTime(timeOfMs(proven.atMs)),
  };
}

function progressLine(progress: DrillProgress): string {
  switch (progress.phase) {
    case 'choosing':
      return `  choosing   ${countOf(progress.looked, 'file')} looked at`;
    case 'restoring':
      return `  restoring   ${formatShare(progress.doneBytes, progress.totalBytes)}`;
    case 'comparing':
      return `  comparing   ${formatCount(progress.done)} of ${countOf(progress.total, 'file')}`;
  }
}

function showDrill(output: Output, report: DrillReport): ExitName {
  const { style } = output;
  const { files, bytes, seconds, failed } = report;
  const figures = `${countOf(files, 'file')}, ${formatBytes(bytes)}, in ${formatSeconds(seconds)}`;
  if (isProven(report)) output.say(`${style.safe('Proven restorable.')} ${figures}`);
  else if (failed === 0) output.say('The snapshot holds no files: there is nothing to prove.');
  else output.say(`${style.risk('Not proven.')} ${formatCount(failed)} failed; restored: ${figures}`);
  showFigures(output, report);
  return exitOf(report);
}

function showFigures(output: Output, { comparedWithHere, files, failed, failures }: DrillReport): void {
  const others = files - comparedWithHere;
  if (comparedWithHere > 0) {
    const rest = others === 0 ? '' : `; ${formatCount(others)} changed since, or not here any more`;
    output.say(`  the same as here, byte for byte: ${countOf(comparedWithHere, 'file')}${rest}`);
  }
  const items = failures.map((failure) => ({ path: failure.path, reason: reasonOfFailure(failure) }));
  for (const line of linesByReason('failed', items, output)) output.row(line);
  if (failed > failures.length) output.row(`  failed  ${formatCount(failed - failures.length)} more`);
}

function reasonOfFailure({ reason, code }: DrillFailure): string {
  switch (reason) {
    case 'not-restored': {
      const { words, remedy } = reasonOf(code ?? 'object.damaged');
      return `${words} → ${remedy}`;
    }
    case 'other-bytes':
      return 'other bytes than in the snapshot → check the disk it was restored to';
    case 'other-than-here':
      return 'differs from the file here, which nothing changed → see which is right; back up again';
  }
}

/** As of a restore: a disk that could not take a file says nothing about the vault. */
function exitOf({ failed, failures }: DrillReport): ExitName {
  if (failed === 0) return 'done';
  const isOfDisk = ({ reason, code }: DrillFailure): boolean => reason === 'not-restored' && !isVaultDamage(code ?? '');
  return failures.every(isOfDisk) ? 'someFilesFailed' : 'vaultDamaged';
}

function showLast(output: Output, kept: readonly KeptReport[], nowMs: number): ExitName {
  const { style } = output;
  const [newest] = kept;
  const proven = lastProven(kept);
  output.object(newest === undefined ? { lastProven: null } : drillJson(newest, proven));
  if (newest === undefined) {
    output.say('There was no drill yet at this place. To prove that files can be restored: coffer drill');
    return 'done';
  }
  const { report } = newest;
  if (report.failed > 0) {
    output.say(
      `${style.risk('Not proven.')} ${formatCount(report.failed)} failed in the drill ${formatAgo(report.atMs, nowMs)}`,
    );
    showFigures(output, report);
  }
  output.say(
    proven === null ? 'No drill has proven yet that files can be restored.' : provenLine(output, proven, report, nowMs),
  );
  if (report.failed === 0) showFigures(output, report);
  return exitOf(newest.report);
}

function provenLine({ style }: Output, proven: DrillReport, newest: DrillReport, nowMs: number): string {
  const { files, bytes, atMs, kind } = proven;
  const words = `Last proven restorable ${formatAgo(atMs, nowMs)}.`;
  const what = kind === 'full' ? 'all of the newest snapshot then' : 'a sample';
  return `${isProven(newest) ? style.safe(words) : words} ${countOf(files, 'file')}, ${formatBytes(bytes)}, ${what}`;
}
