import type { Amount, SweepPlan, SweepResult } from '../../engine.ts';
import { layColumns } from '../../text/columns.ts';
import { countOf, formatBytes, formatCount } from '../../text/figures.ts';
import type { Run } from '../commands.ts';
import type { Output } from '../output.ts';
import { parseWhole } from '../quantities.ts';

const dayMs = 24 * 3600 * 1000;
const graceLeast = 30;

export const sweep: Run<'sweep'> = async (session, { options }) => {
  const { engine, ports, output, signal } = session;
  const { plan: isPlan, all, grace } = options;
  const range = { from: graceLeast, to: 36_500 };
  const graceDays = grace === undefined ? graceLeast : parseWhole(grace.replace(/d$/, ''), range, '--grace', 'sweep');
  return await session.withVault('read', async (vault) => {
    const asked = { graceDays, all, signal };
    const plan = await engine.planSweep(ports, vault, asked);
    for (const notice of plan.notices) output.note(notice);
    showPlan(output, plan, isPlan);
    // In doubt it ends with the error that says why.
    const result = isPlan
      ? null
      : await engine.executeSweep(ports, vault, plan, { ...asked, onProgress: show(output) });
    if (result !== null) output.say(doneLine(output, result));
    output.object(jsonOf(plan, result));
    return 'done';
  });
};

const show =
  (output: Output) =>
  ({ packs, bytes }: Amount): void =>
    output.live.show(() => `  deleting   ${countOf(packs, 'pack')} · ${formatBytes(bytes)}`);

function jsonOf(plan: SweepPlan, result: SweepResult | null) {
  const { amounts, doubts, graceDays, present, nextInMs, snapshots } = plan;
  const { waiting, later, spared, young } = amounts;
  return {
    ...{ applied: result !== null, doubts, graceDays, present },
    marked: result?.marked ?? amounts.marking,
    deleted: result?.deleted ?? amounts.removing,
    snapshots: result?.snapshots ?? snapshots,
    ...{ waiting, later, spared, young },
    nextInDays: nextInMs === null ? null : daysOf(nextInMs),
  };
}

const daysOf = (ms: number): number => Math.ceil(ms / dayMs);

function showPlan(output: Output, plan: SweepPlan, isPlan: boolean): void {
  const { amounts, doubts, graceDays, present, nextInMs, isFirst } = plan;
  const { marking, removing, waiting, later, spared, young } = amounts;
  output.say(`The place holds ${countOf(present.packs, 'pack')}, ${formatBytes(present.bytes)}.`);
  if (doubts.length > 0 && isPlan) {
    output.say(output.style.risk('Nothing may be swept now:'));
    for (const doubt of doubts) output.say(`  ${output.path(doubt)}`);
    return;
  }
  if (doubts.length > 0) return;
  const due = nextInMs === null ? 'while snapshots may come back' : `goes in ${inDays(nextInMs)} at the earliest`;
  const rows: [Amount, string, string][] = [
    [removing, 'comes free now', 'marked long ago, needed by no snapshot'],
    [later, 'comes free next time', 'due too; --all takes it now'],
    [waiting, 'comes free later', due],
    [marking, isPlan ? 'would be marked' : 'to be marked', `needed by no snapshot; stays ${graceDays} days`],
    [young, 'looked at again', 'in no snapshot yet; perhaps of a backup'],
    [spared, 'stays', 'marked before, and needed after all'],
  ];
  const shown = rows.filter(([{ packs }]) => packs > 0);
  if (shown.length === 0) return output.say('Every pack is needed by a snapshot: there is nothing to sweep.');
  const cells = shown.map(([{ packs, bytes }, what, why]) => [what, formatBytes(bytes), formatCount(packs), why]);
  const columns = [
    { title: '' },
    { title: 'size', align: 'right' },
    { title: 'packs', align: 'right' },
    { title: '' },
  ] as const;
  for (const row of layColumns([...columns], cells)) output.row(`  ${row}`);
  if (isFirst) output.say('  This computer is new to the vault, and counts every grace from now on.');
}

const inDays = (ms: number): string => countOf(daysOf(ms), 'day');

function doneLine({ style }: Output, { marked, deleted, snapshots }: SweepResult): string {
  if (marked.packs === 0 && deleted.packs === 0 && snapshots === 0) return 'Nothing was due.';
  const done = [
    ...(deleted.packs > 0 ? [`${formatBytes(deleted.bytes)} came free`] : []),
    ...(marked.packs > 0 ? [`${countOf(marked.packs, 'pack')} marked`] : []),
    ...(snapshots > 0 ? [`${countOf(snapshots, 'forgotten snapshot')} gone for good`] : []),
  ];
  return `${style.safe('Swept.')} ${done.join(', ')}.`;
}
