import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue, exitCodes } from '../../../engine/base/index.ts';
import { presets } from '../../../engine/filesystem/index.ts';
import { helpText } from '../../../engine/hosts/cli/help.ts';
import { commandsManual, manualFile } from '../../../engine/hosts/cli/manual.ts';
import { parseCommandLine } from '../../../engine/hosts/cli/parse.ts';
import { commandNames, commandTable, globalOptions, specOf } from '../../../engine/hosts/cli/table/index.ts';
import { widthOf } from '../../../engine/hosts/text/width.ts';

test('the overview names every command, every option of every command and every exit code', () => {
  const text = helpText(null);
  for (const name of commandNames) expect(text).toContain(`  ${name} `);
  for (const name of Object.keys(globalOptions)) expect(text).toContain(`--${name}`);
  for (const code of Object.values(exitCodes)) expect(text).toMatch(new RegExp(`^  ${code} `, 'm'));
});

test('a group of commands names a place only where they are about one', () => {
  expect(helpText('keys')).toMatch(/^Usage: coffer keys COMMAND \[--store DIR\] …\n/);
  expect(helpText('daemon')).toMatch(/^Usage: coffer daemon COMMAND …\n/);
});

test('the overview fits a terminal of 80 columns, but for lines that are copied', () => {
  const lines = helpText(null)
    .split('\n')
    .filter((line) => !line.startsWith('  coffer '));
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
});

describe.each(commandNames)('the help of %s', (name) => {
  const spec = specOf(name);
  const text = helpText(name);

  test('names its arguments, options and examples', () => {
    for (const argument of spec.arguments) expect(text).toContain(argument.name);
    for (const option of Object.keys(spec.options)) expect(text).toContain(`--${option}`);
    for (const { line } of spec.examples) expect(text).toContain(line);
    expect(text).toContain(`coffer ${name}`);
  });

  test('has examples that are understood as this command', () => {
    expect(spec.examples.length).toBeGreaterThan(0);
    for (const { line } of spec.examples) {
      const [program, ...words] = line.replace(/ [>|] .*/, '').split(' ');
      expect(program).toBe('coffer');
      const plain = words.map((word) => word.replaceAll("'", ''));
      expect(parseCommandLine(plain)).toMatchObject({ kind: 'call', call: { name } });
    }
  });

  test('fits the terminal, but for lines that are copied', () => {
    for (const columns of [60, 80, 200]) {
      const lines = helpText(name, columns).split('\n');
      const long = lines.filter((line) => widthOf(line) > columns && !line.includes('coffer '));
      expect(long).toEqual([]);
    }
  });
});

test('no option of a command hides one of every command, and short names are told apart', () => {
  for (const name of commandNames) {
    const own = specOf(name).options;
    for (const option of Object.keys(own)) expect(globalOptions).not.toHaveProperty(option);
    const shorts = Object.values({ ...globalOptions, ...own }).flatMap((option) =>
      'short' in option ? [option.short] : [],
    );
    expect(new Set(shorts).size).toBe(shorts.length);
  }
});

test('the presets are those of the engine', () => {
  expect(commandTable.backup.options.preset.choices).toEqual(Object.keys(presets));
});

test('the commands named in sentences of the catalogue exist, with their options', () => {
  for (const { what, meaning, remedy } of Object.values(catalogue)) {
    for (const [, command = ''] of `${what}\n${meaning}\n${remedy}`.matchAll(
      /\bcoffer ((?:[a-z]+ ?)+(?: ?--[a-z-]+)*)/g,
    )) {
      const words = command.trim().split(' ');
      const name = commandNames.find((known) => command.startsWith(known));
      expect(name, command).toBeDefined();
      for (const option of words.filter((word) => word.startsWith('--'))) {
        const known = { ...globalOptions, ...(name === undefined ? {} : specOf(name).options) };
        expect(Object.keys(known), command).toContain(option.slice(2));
      }
    }
  }
});

test('the texts keep to the tone: no exclamation marks, no words of other programs', () => {
  const texts = [commandsManual(), JSON.stringify(catalogue)].join('\n');
  expect(texts.replaceAll('![', '')).not.toContain('!');
  expect(texts).not.toMatch(/\b(repositor(y|ies)|blobs?|prune|garbage|GC|an error occurred)\b/i);
});

test('docs/COMMANDS.md is what the table says; `node engine/hosts/cli/manual.ts` writes it anew', () => {
  expect(readFileSync(manualFile, 'utf8')).toBe(commandsManual());
});
