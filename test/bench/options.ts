import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type ProgramName, programNames } from './programs.ts';
import { type GroupName, groupNames } from './targets.ts';

export const usage = `npm run bench -- [OPTION…]

  --small            a small version for CI: about two minutes, ratios without targets, nothing written
  --rounds N         how often everything is measured (3; with --small 1)
  --only LIST        of big,small,text,edit
  --peers LIST       of restic,rustic,borg
  --without-coffer   measure the peers alone
  --data DIR         where data is generated, kept for the next run, and repositories are made (about 35 GB)
  --keep             leave repositories and restored files in place
  --write            write RESULTS.md after an incomplete run too; never after a failure`;

export type Options = {
  readonly isSmall: boolean;
  readonly rounds: number;
  readonly groups: ReadonlySet<GroupName>;
  readonly programs: ReadonlySet<ProgramName>;
  readonly folder: string;
  readonly keep: boolean;
  readonly writes: boolean;
};

/** The person asked for something that does not exist. */
export class UsageError extends Error {}

/** What `parseArgs` answers; its complaints are those of whoever typed the words. */
export const parsed = <Values>(parse: () => Values): Values => {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

const listOf = <Name extends string>(given: string | undefined, known: readonly Name[]): ReadonlySet<Name> => {
  if (given === undefined) return new Set(known);
  const names = given.split(',').map((part) => known.find((name) => name === part.trim()) ?? part);
  const isKnown = (name: string): name is Name => known.some((other) => other === name);
  return new Set(
    names.map((name) => {
      if (!isKnown(name)) throw new UsageError(`"${name}" is none of ${known.join(', ')}.`);
      return name;
    }),
  );
};

const fullRounds = 3;

export const parseOptions = (args: readonly string[]): Options | 'help' => {
  const values = parsed(() => parse(args));
  if (values.help) return 'help';
  const isSmall = values.small;
  const rounds = Number(values.rounds ?? (isSmall ? 1 : fullRounds));
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError('--rounds takes a whole number from 1.');
  const peerNames = programNames.filter((name) => name !== 'coffer');
  const own: readonly ProgramName[] = values['without-coffer'] ? [] : ['coffer'];
  const isComplete =
    !isSmall && rounds >= fullRounds && [values.only, values.peers].every((list) => list === undefined);
  return {
    isSmall,
    rounds,
    groups: listOf(values.only, groupNames),
    programs: new Set([...own, ...listOf(values.peers, peerNames)]),
    folder: resolve(values.data ?? join(tmpdir(), 'coffer-bench')),
    keep: values.keep,
    writes: values.write || (isComplete && own.length > 0),
  };
};

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      small: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      peers: { type: 'string' },
      'without-coffer': { type: 'boolean', default: false },
      data: { type: 'string' },
      keep: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  }).values;
