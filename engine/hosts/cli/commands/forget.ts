import { CofferError, type ExitName } from '../../../base/index.ts';
import type { KeepReason, RetentionPlan, RetentionPolicy, SnapshotId, SnapshotInfo, Vault } from '../../engine.ts';
import { layColumns } from '../../text/columns.ts';
import { countOf, formatBytes, formatCount } from '../../text/figures.ts';
import { shortName } from '../../text/names.ts';
import { formatTime } from '../../text/times.ts';
import type { CallOf, Run } from '../commands.ts';
import type { Output } from '../output.ts';
import { parseDays, parseWhole } from '../quantities.ts';
import type { FoundSecret } from '../secrets.ts';
import type { Session } from '../session.ts';
import { usageError } from '../usage.ts';

type ForgetCall = CallOf<'forget'>;

/** What would be done, and how it is shown. */
type Proposal = {
  readonly going: readonly SnapshotId[];
  /** Null where snapshots were named. */
  readonly plan: RetentionPlan | null;
  readonly total: number;
  readonly freedBytes: number | null;
};

export const forget: Run<'forget'> = async (session, call) => {
  const { output, secrets } = session;
  const { plan: isPlan, yes } = call.options;
  const policy = policyOf(call);
  const ask = !isPlan && !yes;
  let known: FoundSecret | undefined;
  let proposal: Proposal | undefined;
  // The lock is not held while a person thinks, so the vault is opened once more to write.
  await session.withVault(
    'read',
    async (vault) => {
      proposal = await propose(session, call, vault, policy);
      return 'done';
    },
    {
      onSecret(found) {
        known = found;
      },
    },
  );
  if (proposal === undefined) return 'failed';
  show(output, proposal, isPlan);
  const { going } = proposal;
  if (isPlan || going.length === 0) return answer(output, proposal, false);
  if (ask && !secrets.canAsk) throw new CofferError('forget.unconfirmed');
  await output.flush();
  if (ask && !(await secrets.agrees(going.length === 1 ? 'Forget it?' : 'Forget them?'))) {
    output.say('Nothing was forgotten.');
    return answer(output, proposal, false);
  }
  return await session.withVault('write', (vault) => carryOut(session, call, vault, proposal as Proposal), { known });
};

async function propose(
  { engine, signal }: Session,
  call: ForgetCall,
  vault: Vault,
  policy: RetentionPolicy | null,
): Promise<Proposal> {
  const plan = policy === null ? null : await engine.planRetention(vault, policy);
  const going =
    plan === null
      ? [...new Set(call.arguments.map((text) => engine.findSnapshot(vault, text).id))]
      : judgedOf(plan).flatMap(({ snapshot, reasons }) => (reasons.length === 0 ? [snapshot.id] : []));
  const freedBytes = going.length === 0 ? 0 : await engine.freedBytes(vault, going, signal);
  return { going, plan, total: vault.snapshots.length, freedBytes };
}

async function carryOut({ engine, output }: Session, call: ForgetCall, vault: Vault, proposal: Proposal) {
  const { going } = proposal;
  await engine.changeSnapshots(vault, 'forget', going, call.options.reason ?? reasonOf(call));
  output.say(`${output.style.safe('Forgotten.')} To bring ${going.length === 1 ? 'it' : 'them'} back: coffer unforget`);
  return answer(output, proposal, true);
}

function answer(output: Output, { going, plan, freedBytes }: Proposal, applied: boolean): ExitName {
  const kept = plan === null ? [] : judgedOf(plan).filter(({ reasons }) => reasons.length > 0);
  output.object({
    applied,
    forgotten: going,
    kept: kept.map(({ snapshot, reasons }) => ({ id: snapshot.id, reasons })),
    freedBytes,
    notKnownLong: plan?.notKnownLong ?? 0,
  });
  return 'done';
}

const judgedOf = ({ groups }: RetentionPlan) => groups.flatMap(({ judged }) => judged);

/** The rules as they were typed; the log keeps them. */
function reasonOf({ options }: ForgetCall): string {
  return Object.entries(options)
    .filter(([name, value]) => name.startsWith('keep-') && value !== undefined)
    .flatMap(([name, value]) => [value].flat().map((one) => `--${name} ${String(one)}`))
    .join(' ');
}

const counted = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
const dayMs = 24 * 3_600_000;

/** Null where snapshots are named instead. */
function policyOf({ arguments: named, options }: ForgetCall): RetentionPolicy | null {
  const countsOf = (rule: (typeof counted)[number]): number => {
    const text = options[`keep-${rule}`];
    return text === undefined ? 0 : parseWhole(text, { from: 1, to: 1e9 }, `--keep-${rule}`, 'forget');
  };
  const [last, hourly, daily, weekly, monthly, yearly] = counted.map(countsOf) as [
    ...[number, number, number],
    ...[number, number, number],
  ];
  const within = options['keep-within'];
  const withinMs = within === undefined ? 0 : parseDays(within, '--keep-within', 'forget') * dayMs;
  const policy = { last, hourly, daily, weekly, monthly, yearly, withinMs, tags: options['keep-tag'] };
  const hasRule = withinMs > 0 || policy.tags.length > 0 || counted.some((rule) => policy[rule] > 0);
  if (hasRule && named.length > 0)
    throw usageError('Give rules or snapshots, not both: rules decide about all of them.', 'forget');
  if (!hasRule && named.length === 0)
    throw usageError('Say what to keep, such as --keep-daily 14, or which snapshots to forget.', 'forget');
  return hasRule ? policy : null;
}

function show(output: Output, proposal: Proposal, isPlan: boolean): void {
  const { going, plan, total, freedBytes } = proposal;
  if (going.length === 0) {
    output.say(
      total === 0 ? 'This vault has no snapshot yet.' : `Nothing goes: all ${countOf(total, 'snapshot')} stay.`,
    );
  } else {
    output.say(`${isPlan ? 'Would go' : 'To go'}: ${formatCount(going.length)} of ${countOf(total, 'snapshot')}`);
  }
  if (plan === null) for (const id of going) output.say(`  ${shortName(id)}`);
  const tooNew = plan?.notKnownLong ?? 0;
  if (tooNew > 0)
    output.say(
      `  This computer has not known ${formatCount(tooNew)} of them so long, and trusts no clock: ${stayWords(tooNew)}.`,
    );
  if (plan !== null && judgedOf(plan).some(({ reasons }) => reasons.includes('log')))
    output.say('  The log of a computer is broken, and may have held a pin: nothing goes by rules.');
  const mistimed = plan === null ? [] : judgedOf(plan).filter(({ reasons }) => reasons.includes('time'));
  if (mistimed.length > 0)
    output.say(`  Made while a clock was wrong, and kept: ${countOf(mistimed.length, 'snapshot')}`);
  if (going.length > 0 && freedBytes !== null)
    output.say(`  Nothing else needs ${formatBytes(freedBytes)} of the place. It stays there for now.`);
  for (const group of plan?.groups ?? []) showGroup(output, group.judged, isPlan);
}

const stayWords = (count: number): string => (count === 1 ? 'it stays' : 'they stay');

type JudgedInfo = RetentionPlan['groups'][number]['judged'];

function showGroup(output: Output, judged: JudgedInfo, isPlan: boolean): void {
  const [newest] = judged;
  if (newest === undefined) return;
  const stay = judged.filter(({ reasons }) => reasons.length > 0).length;
  const sources = newest.snapshot.sources.map((path) => output.path(path)).join(' ');
  const title = `${output.path(newest.snapshot.host)}, ${sources}: ${formatCount(stay)} of ${formatCount(judged.length)} stay`;
  if (!isPlan) return output.say(`  ${title}`);
  output.row('');
  output.row(title);
  const rows = judged.map(({ snapshot, reasons }) => [
    shortName(snapshot.id),
    formatTime(snapshot.finished),
    reasons.length === 0 ? 'goes' : `stays: ${wordsOf(reasons, snapshot)}`,
  ]);
  for (const row of layColumns([{ title: 'snapshot' }, { title: 'finished' }, { title: '' }], rows))
    output.row(`  ${row}`);
}

const reasonWords: Readonly<Record<KeepReason, string>> = {
  newest: 'newest',
  pinned: 'pinned',
  tag: 'its mark',
  last: 'one of the last',
  hourly: 'hour',
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  yearly: 'year',
  within: 'not old enough',
  time: 'the clock was wrong',
  log: 'a log is broken',
};

const wordsOf = (reasons: readonly KeepReason[], { tags }: SnapshotInfo): string =>
  reasons.map((reason) => (reason === 'tag' && tags.length === 1 ? `[${tags[0]}]` : reasonWords[reason])).join(', ');
