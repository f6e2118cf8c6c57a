import { parseArgs } from 'node:util';
import { parsed, UsageError } from '../options.ts';

export const usage = `npm run bench:agent -- [OPTION…]

  --files N        files that are watched (100000; the long form is 1000000)
  --big MIB        size of the file that is being read when the agent is paused (2048)
  --saves N        how often one file is saved (7)
  --idle SECONDS   how long the idle agent is watched (60)
  --without-peers  measure the agent alone
  --write          write the figures to RESULTS.md, beside those of other sizes
  --busy           say in RESULTS.md that the machine had other work meanwhile`;

export type Options = {
  readonly files: number;
  readonly bigBytes: number;
  readonly saves: number;
  readonly idleSeconds: number;
  readonly withPeers: boolean;
  readonly writes: boolean;
  readonly isBusy: boolean;
};

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      files: { type: 'string', default: '100000' },
      big: { type: 'string', default: '2048' },
      saves: { type: 'string', default: '7' },
      idle: { type: 'string', default: '60' },
      'without-peers': { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      busy: { type: 'boolean', default: false },
    },
  }).values;

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${name} takes a whole number from 1.`);
  return value;
};

export const parseOptions = (args: readonly string[]): Options | 'help' => {
  const values = parsed(() => parse(args));
  if (values.help) return 'help';
  return {
    files: wholeNumber('files', values.files),
    bigBytes: wholeNumber('big', values.big) * 2 ** 20,
    saves: wholeNumber('saves', values.saves),
    idleSeconds: wholeNumber('idle', values.idle),
    withPeers: !values['without-peers'],
    writes: values.write,
    isBusy: values.busy,
  };
};
