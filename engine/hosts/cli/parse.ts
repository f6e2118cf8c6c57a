import { parseArgs } from 'node:util';
import { suggest } from './suggest.ts';
import {
  type CommandName,
  type CommandSpec,
  commandNames,
  type GlobalValues,
  globalOptions,
  groups,
  type OptionSpec,
  specOf,
} from './table/index.ts';
import { usageError } from './usage.ts';

/** A command with its options as values; which ones, the command's own file knows by its type. */
export type Call = {
  readonly name: CommandName;
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, Value>>;
  readonly globals: GlobalValues;
};

export type Value = string | boolean | readonly string[] | undefined;

/** `topic` is a command, a group (`keys`) or null for all of them; without `asked` nothing was typed at all. */
export type Parsed =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'help'; readonly topic: string | null; readonly asked: boolean }
  | { readonly kind: 'version'; readonly json: boolean };

type Options = Readonly<Record<string, OptionSpec>>;
type Given = {
  readonly values: Readonly<Record<string, Value>>;
  readonly words: readonly string[];
};

export function parseCommandLine(args: readonly string[]): Parsed {
  const found = findCommand(args);
  if (found.kind === 'none') return parseWithoutCommand(found);
  const spec = specOf(found.name);
  const given = read(found.rest, { ...globalOptions, ...spec.options }, spec.name);
  // The cast says what `read` did: every global option has a value of its kind.
  const globals = given.values as GlobalValues;
  if (globals.help) return { kind: 'help', topic: found.name, asked: true };
  if (globals.version) return { kind: 'version', json: globals.json };
  checkArguments(spec, given);
  return { kind: 'call', call: { name: found.name, arguments: given.words, options: given.values, globals } };
}

/** `--json` decides how a wrong command line is reported, so it is looked for before anything is understood. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).includes('--json');
}

type Found =
  | { readonly kind: 'command'; readonly name: CommandName; readonly rest: readonly string[] }
  | {
      readonly kind: 'none';
      readonly topic: string | null;
      readonly isHelp: boolean;
      readonly rest: readonly string[];
    };

/** The first word is the command (for a group the first two); options may stand before and between. */
function findCommand(args: readonly string[]): Found {
  const words = wordsOf(args);
  const [first, second] = words;
  const without = (...taken: readonly Word[]): string[] =>
    args.filter((_, at) => taken.every((word) => word.at !== at));
  if (first === undefined) return { kind: 'none', topic: null, isHelp: false, rest: args };
  if (first.text === 'help') {
    const topic = words.slice(1).map((word) => word.text);
    return { kind: 'none', topic: topic.join(' ') || null, isHelp: true, rest: without(...words) };
  }
  if (groups.has(first.text)) {
    if (second === undefined) return { kind: 'none', topic: first.text, isHelp: false, rest: without(first) };
    const name = nameOf(`${first.text} ${second.text}`);
    if (name === undefined) throw unknownCommand(`${first.text} ${second.text}`, first.text);
    return { kind: 'command', name, rest: without(first, second) };
  }
  const name = nameOf(first.text);
  if (name === undefined) throw unknownCommand(first.text, '');
  return { kind: 'command', name, rest: without(first) };
}

const nameOf = (typed: string): CommandName | undefined => commandNames.find((name) => name === typed);

type Word = { readonly at: number; readonly text: string };

/** What is neither an option nor the value of one, as far as global options can tell. */
function wordsOf(args: readonly string[]): Word[] {
  const words: Word[] = [];
  for (const token of tokensOf(args, globalOptions)) {
    if (token.kind === 'positional') words.push({ at: token.index, text: token.value });
    if (token.kind === 'option' && words.length === 0) checkEarlyOption(token.name, token.rawName);
  }
  return words;
}

/** Before the command only global options can be told from words. */
function checkEarlyOption(name: string, rawName: string): void {
  if (Object.hasOwn(globalOptions, name)) return;
  if (commandNames.some((command) => Object.hasOwn(specOf(command).options, name))) {
    throw usageError(`${rawName} belongs behind its command: coffer COMMAND ${rawName} …`);
  }
  throw unknownOption(rawName, Object.keys(globalOptions), '');
}

function parseWithoutCommand({ topic, isHelp, rest }: Extract<Found, { kind: 'none' }>): Parsed {
  const { values } = read(rest, globalOptions, topic ?? '');
  if (values.version === true) return { kind: 'version', json: values.json === true };
  if (topic !== null && nameOf(topic) === undefined && !groups.has(topic)) throw unknownCommand(topic, '');
  const asked = isHelp || values.help === true;
  if (topic === null || asked) return { kind: 'help', topic, asked };
  throw usageError(`coffer ${topic} needs a second word: ${partsOf(topic).join(', ')}.`, topic);
}

const partsOf = (group: string): string[] =>
  commandNames.flatMap((name) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []));

function unknownCommand(typed: string, group: string): Error {
  // One word is compared with first words: who types "key" means all of `keys` and not one of them.
  const firstWords = [...new Set(commandNames.map((name) => name.split(' ')[0] ?? ''))];
  const near = (typed.includes(' ') ? null : suggest(typed, firstWords)) ?? suggest(typed, commandNames);
  const hint = near === null ? '' : ` Did you mean "${near}"?`;
  return usageError(`There is no command "${typed}".${hint}`, group);
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

function tokensOf(args: readonly string[], options: Options): Token[] {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { kind, short }]) => [
      name,
      {
        type: kind === 'text' || kind === 'list' ? ('string' as const) : ('boolean' as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  // Not strict, because parseArgs would answer with sentences of its own.
  const { tokens } = parseArgs({
    args: [...args],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

function read(args: readonly string[], options: Options, command: string): Given {
  const values: Record<string, Value> = {};
  for (const [name, { kind }] of Object.entries(options)) {
    values[name] = kind === 'flag' ? false : kind === 'list' ? [] : undefined;
  }
  const words: string[] = [];
  for (const token of tokensOf(args, options)) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (spec === undefined) throw unknownOption(token.rawName, Object.keys(options), command);
    const value = readValue(spec, token, command);
    const before = values[token.name];
    values[token.name] = spec.kind === 'list' && Array.isArray(before) ? [...before, String(value)] : value;
  }
  return { values, words };
}

function readValue(spec: OptionSpec, token: Token & { kind: 'option' }, command: string): string | true {
  const { rawName, value, inlineValue } = token;
  if (spec.kind === 'flag' || spec.kind === 'maybe') {
    if (value === undefined) return true;
    if (spec.kind === 'maybe') return value;
    throw usageError(`${rawName} takes no value.`, command);
  }
  const wanted = spec.choices?.join(', ') ?? spec.value ?? 'a value';
  if (value === undefined || (value === '' && !inlineValue)) throw usageError(`${rawName} needs ${wanted}.`, command);
  if (!inlineValue && value.length > 1 && value.startsWith('-')) {
    throw usageError(`${rawName} needs ${wanted}. If "${value}" is meant: ${rawName}=${value}`, command);
  }
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    const near = suggest(value, spec.choices);
    const hint = near === null ? '' : ` Did you mean "${near}"?`;
    throw usageError(`${rawName} does not know "${value}".${hint} It knows: ${wanted}.`, command);
  }
  return value;
}

const secretWords = new Set(['passphrase', 'password', 'pass', 'passwd', 'phrase', 'secret', 'new-passphrase', 'key']);

function unknownOption(rawName: string, known: readonly string[], command: string): Error {
  const name = rawName.replace(/^-+/, '');
  if (secretWords.has(name)) {
    return usageError(
      `A secret is never taken from the command line, where other programs and the shell’s history can see it (${rawName}). ` +
        'Run this in a terminal to be asked, set COFFER_PASSPHRASE or COFFER_PHRASE, or use --passphrase-file FILE.',
      command,
    );
  }
  const near = suggest(name, known);
  const hint = near === null || !rawName.startsWith('--') ? '' : ` Did you mean --${near}?`;
  return usageError(`There is no option ${rawName}.${hint}`, command);
}

function checkArguments(spec: CommandSpec, { words, values }: Given): void {
  const needed = spec.arguments.filter((argument) => argument.optional !== true);
  const missing = needed[words.length];
  if (missing !== undefined) throw usageError(`coffer ${spec.name} needs ${missing.name}: ${missing.says}.`, spec.name);
  const last = spec.arguments.at(-1);
  const extra = last?.many === true ? undefined : words[spec.arguments.length];
  if (extra !== undefined) {
    const option = Object.keys(spec.options).find(
      (name) => spec.options[name]?.kind === 'maybe' && values[name] === true,
    );
    const hint = option === undefined ? '' : ` If it belongs to --${option}: --${option}=${extra}`;
    throw usageError(`"${extra}" is one word too many for coffer ${spec.name}.${hint}`, spec.name);
  }
  if (words.includes('')) throw usageError(`One of the words after coffer ${spec.name} is empty.`, spec.name);
}
