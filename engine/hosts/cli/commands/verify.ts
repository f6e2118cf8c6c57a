import { timeOfMs } from '../../../base/index.ts';
import type { Reach, VerifyProgress, VerifyResult } from '../../engine.ts';
import { countOf, formatBytes, formatCount, formatSeconds, formatShare } from '../../text/figures.ts';
import { formatAgo } from '../../text/moments.ts';
import { isoTime } from '../../text/times.ts';
import type { CallOf, Run } from '../commands.ts';
import { damageWords, findingLines } from '../finding-lines.ts';
import type { Output } from '../output.ts';
import { parseBytes, parseWhole } from '../quantities.ts';
import { usageError } from '../usage.ts';

export const verify: Run<'verify'> = async (session, call) => {
  const { engine, ports, output, signal, host } = session;
  const reach = reachOf(call);
  return await session.withVault('read', async (vault) => {
    const result = await engine.verifyVault(ports, vault, {
      reach,
      signal,
      onProgress: (progress) => output.live.show(() => progressLine(progress)),
    });
    for (const notice of result.notices) output.note(notice);
    const { notices: _, oldestMs, ...figures } = result;
    const whole = result.findings.every(({ kind }) => kind === 'unused');
    output.object({ whole, ...figures, oldest: oldestMs === null ? null : isoTime(timeOfMs(oldestMs)) });
    showVerify(output, result, whole, host.clock.now());
    return whole ? 'done' : 'vaultDamaged';
  });
};

function reachOf({ options }: CallOf<'verify'>): Reach {
  const { share, bytes, all } = options;
  if ([share !== undefined, bytes !== undefined, all].filter(Boolean).length > 1) {
    throw usageError('--share, --bytes and --all exclude each other: each says how much to read.', 'verify');
  }
  if (all) return { kind: 'all' };
  if (bytes !== undefined) return { kind: 'bytes', bytes: parseBytes(bytes, '--bytes', 'verify') };
  if (share === undefined) return { kind: 'due' };
  return { kind: 'share', share: parseWhole(share, { from: 1, to: 100 }, '--share', 'verify') / 100 };
}

function progressLine({ phase, done, total, bytes }: VerifyProgress): string {
  if (phase === 'naming')
    return `  damage found · looking which files it concerns, ${formatCount(done)} of ${formatCount(total)}`;
  return `  reading   ${formatCount(done)} of ${countOf(total, 'pack')} · ${formatBytes(bytes)}`;
}

function showVerify(output: Output, result: VerifyResult, whole: boolean, nowMs: number): void {
  const { style } = output;
  const { packsRead, bytesRead, seconds, packs } = result;
  const figures = `${countOf(packsRead, 'pack')}, ${formatBytes(bytesRead)}, in ${formatSeconds(seconds)}`;
  if (packs === 0 && whole) output.say('The vault holds no data yet.');
  else if (whole) output.say(`${style.safe('All that was read is whole.')} ${figures}`);
  else output.say(`${style.risk('The vault is damaged.')} ${damageWords(result)}. ${figures}`);
  for (const finding of result.findings) for (const line of findingLines(output, finding)) output.row(line);
  if (!whole) {
    output.say('  What to do: back up again from this computer, which stores anew what is still here;');
    output.say('  coffer repair shows what else can be put right.');
  } else if (packs > 0) output.say(`  ${coverageLine(result, nowMs)}`);
}

function coverageLine({ bytes, readBytes, oldestMs }: VerifyResult, nowMs: number): string {
  if (oldestMs === null || readBytes < bytes) {
    return `read within the last 100 days: ${formatShare(readBytes, bytes)}`;
  }
  return `read within the last 100 days: all ${formatBytes(bytes)}, the oldest reading ${formatAgo(oldestMs, nowMs)}`;
}
