import { type ExitName, exitCodes } from '../../base/index.ts';
import { alignCells, wrap } from '../text/columns.ts';
import { exitWords } from './table/exits.ts';
import {
  type ArgumentSpec,
  type CommandName,
  type CommandSpec,
  commandNames,
  commandTable,
  globalOptions,
  groups,
  type OptionSpec,
  specOf,
} from './table/index.ts';

type Options = Readonly<Record<string, OptionSpec>>;

/** Help for one command, for a group, or for all of it. */
export function helpText(topic: string | null, columns = 80): string {
  const width = Math.min(100, Math.max(40, columns));
  if (topic === null) return overview(width);
  if (groups.has(topic)) return groupHelp(topic, width);
  return Object.hasOwn(commandTable, topic) ? commandHelp(specOf(topic as CommandName), width) : overview(width);
}

function overview(width: number): string {
  return sections([
    'Coffer keeps every version of your files, encrypted, in a place of your own.',
    'Usage: coffer COMMAND [--store DIR] …',
    listing(
      'Commands',
      commandNames.map((name) => [name, specOf(name).says]),
      width,
    ),
    listing('Options of every command', optionRows(globalOptions), width),
    examples(
      [
        { line: 'coffer init --store /mnt/disk/vault', says: 'make a vault' },
        { line: 'coffer backup --store /mnt/disk/vault ~/Documents', says: 'protect a folder' },
        { line: 'coffer restore --store /mnt/disk/vault latest --target ~/restored', says: 'bring it back' },
      ],
      width,
    ),
    listing('Exit codes', exitRows(), width),
    'Help for one command: coffer COMMAND --help',
  ]);
}

function groupHelp(group: string, width: number): string {
  const names = commandNames.filter((name) => name.startsWith(`${group} `));
  const store = names.some((name) => specOf(name).needsStore) ? ' [--store DIR]' : '';
  return sections([
    `Usage: coffer ${group} COMMAND${store} …`,
    listing(
      'Commands',
      names.map((name) => [name, specOf(name).says]),
      width,
    ),
    `Help for one command: coffer ${group} COMMAND --help`,
  ]);
}

function commandHelp(spec: CommandSpec, width: number): string {
  return sections([
    `${spec.says}.`,
    `Usage: ${usageLine(spec)}`,
    ...(spec.details ?? []).map((paragraph) => wrap(paragraph, width)),
    listing(
      'Arguments',
      spec.arguments.map(({ name, says }) => [name, says]),
      width,
    ),
    listing('Options', optionRows(spec.options), width),
    listing('Options of every command', optionRows(globalOptions), width),
    examples(spec.examples, width),
  ]);
}

export function usageLine(spec: CommandSpec): string {
  const options = Object.keys(spec.options).length > 0 ? ['[OPTION…]'] : [];
  const store = spec.needsStore ? ['--store DIR'] : [];
  return ['coffer', spec.name, ...store, ...options, ...spec.arguments.map(argumentText)].join(' ');
}

function argumentText({ name, optional, many }: ArgumentSpec): string {
  const text = many === true ? `${name}…` : name;
  return optional === true ? `[${text}]` : text;
}

export function optionText(name: string, { kind, short, value }: OptionSpec): string {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  if (kind === 'flag') return names;
  return kind === 'maybe' ? `${names}[=${value ?? 'VALUE'}]` : `${names} ${value ?? 'VALUE'}`;
}

export function optionSays({ says, choices }: OptionSpec): string {
  return choices === undefined ? says : `${says}: ${choices.join(', ')}`;
}

function optionRows(options: Options): string[][] {
  return Object.entries(options).map(([name, option]) => [optionText(name, option), optionSays(option)]);
}

export function exitRows(): string[][] {
  return (Object.keys(exitCodes) as ExitName[]).map((name) => [String(exitCodes[name]), exitWords[name]]);
}

function listing(title: string, rows: readonly (readonly string[])[], width: number): string {
  if (rows.length === 0) return '';
  const names = alignCells(
    ['left'],
    rows.map(([name = '']) => [name]),
  );
  const indent = 4 + Math.max(...names.map((name) => name.length));
  const lines = rows.map(([name = '', says = '']) => {
    const text = wrap(says, width, ' '.repeat(indent));
    return `  ${name}`.padEnd(indent) + text.slice(indent);
  });
  return `${title}\n${lines.join('\n')}`;
}

function examples(list: CommandSpec['examples'], width: number): string {
  // Lines to copy stay whole.
  return `Examples\n${list.map(({ line, says }) => `  ${line}\n${wrap(says, width, '      ')}`).join('\n')}`;
}

function sections(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
