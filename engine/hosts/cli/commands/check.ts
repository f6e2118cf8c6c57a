import type { CheckResult } from '../../engine.ts';
import { countOf, formatBytes, formatCount, formatSeconds } from '../../text/figures.ts';
import type { CallOf, Run } from '../commands.ts';
import { damageWords, findingLines } from '../finding-lines.ts';
import type { Output } from '../output.ts';
import { parseWhole } from '../quantities.ts';

export const check: Run<'check'> = async (session, call) => {
  const { engine, ports, output, signal } = session;
  const reading = readingOf(call);
  return await session.withVault('read', async (vault) => {
    const result = await engine.checkVault(ports, vault, {
      ...reading,
      signal,
      onProgress: ({ done, total, bytes }) =>
        output.live.show(
          () => `  checking   ${formatCount(done)} of ${countOf(total, 'object')} · ${formatBytes(bytes)} read`,
        ),
    });
    const { findings, affectedFiles, snapshots, packs, bytesRead, seconds } = result;
    for (const notice of result.notices) output.note(notice);
    const whole = findings.every(({ kind }) => kind === 'unused');
    output.object({ whole, readData: reading.readData, findings, affectedFiles, snapshots, packs, bytesRead, seconds });
    showCheck(output, result, whole, reading.readData);
    return whole ? 'done' : 'vaultDamaged';
  });
};

type Reading = { readonly readData: 'none' | 'share' | 'all'; readonly sharePercent?: number };

function readingOf({ options }: CallOf<'check'>): Reading {
  const typed = options['read-data'];
  if (typed === undefined) return { readData: 'none' };
  if (typed === true) return { readData: 'all' };
  const sharePercent = parseWhole(typed, { from: 1, to: 100 }, '--read-data', 'check');
  return sharePercent === 100 ? { readData: 'all' } : { readData: 'share', sharePercent };
}

function showCheck(output: Output, result: CheckResult, whole: boolean, readData: Reading['readData']): void {
  const { style } = output;
  const { findings, snapshots, packs, bytesRead, seconds } = result;
  const figures = `${countOf(snapshots, 'snapshot')}, ${countOf(packs, 'pack')}, ${formatBytes(bytesRead)} read, in ${formatSeconds(seconds)}`;
  if (whole) output.say(`${style.safe('The vault is whole.')} ${figures}`);
  else output.say(`${style.risk('The vault is damaged.')} ${damageWords(result)}. ${figures}`);
  for (const finding of findings) for (const line of findingLines(output, finding)) output.row(line);
  if (!whole)
    output.say('  What to do: coffer repair shows what can be put right; then back up again from this computer.');
  else if (readData === 'none')
    output.say('  The structure was checked. To read the data too: coffer check --read-data');
}
