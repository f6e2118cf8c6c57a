import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exitRows, optionSays, optionText, usageLine } from './help.ts';
import { type CommandSpec, commandNames, globalOptions, type OptionSpec, specOf } from './table/index.ts';

/** The text of docs/COMMANDS.md. To write it anew: `node engine/hosts/cli/manual.ts`. */
export function commandsManual(): string {
  const commands = commandNames.map((name) => commandManual(specOf(name)));
  return `${[introduction, globalManual(), secretsManual, outputManual, exitManual(), ...commands].join('\n\n')}\n`;
}

export const manualFile = fileURLToPath(new URL('../../../docs/COMMANDS.md', import.meta.url));

const introduction = `# The commands of Coffer

Made from the table in \`engine/hosts/cli/table\`; \`coffer COMMAND --help\` says the same.`;

const secretsManual = `## Secrets

A secret is never taken from the command line, where other programs and the shell's history can see it. The first of these
that is there is used:

1. \`--recovery-phrase\`: the 24 words from \`COFFER_PHRASE\`, or asked for.
2. \`--passphrase-file FILE\`: the content of the file without one line end at its end.
3. \`COFFER_PASSPHRASE\`, then \`COFFER_PHRASE\`.
4. The system keychain, where \`coffer keys remember\` put it.
5. A question on the terminal; what is typed is not shown.

\`coffer init\` and \`coffer places add\` take the passphrase of a new vault from 2, 3 or 5. \`coffer keys add\` and \`coffer keys passphrase\` take the new
one from \`--new-passphrase-file FILE\`, from \`COFFER_NEW_PASSPHRASE\` or from the terminal.

The agent asks nobody. The first of these that is there is used:

1. The file that \`COFFER_PASSPHRASE_FILE\` or \`--passphrase-file\` names, else \`passphrase\` in \`COFFER_HOME\`. Either must be
   yours and of mode 600; else it is refused.
2. The credential \`coffer-passphrase\` of systemd.
3. \`COFFER_PASSPHRASE\`.
4. The system keychain, by the vault's id.

## Environment

| variable | meaning |
| --- | --- |
| \`COFFER_STORE\` | the place, where \`--store\` is not given |
| \`COFFER_HOME\` | the folder for Coffer's own data on this computer; else the system's place for such data |
| \`COFFER_PASSPHRASE\` | the passphrase that opens the vault |
| \`COFFER_PASSPHRASE_FILE\` | for the agent: the file with that passphrase |
| \`COFFER_PHRASE\` | the recovery phrase that opens the vault |
| \`COFFER_NEW_PASSPHRASE\` | the passphrase to add or to change to |
| \`COFFER_HANG_LIMIT\` | for the agent: how long it may not answer before it is ended and started again, such as \`10m\`; else \`3m\` |
| \`NO_COLOR\` | any value: no colours |`;

const outputManual = `## Output

Results go to standard output, errors and remarks to standard error. While something runs, one live line shows it, on a
terminal only. In a pipe there is no live line, there are no colours, and names of files are written byte by byte as they are.

With \`--json\` standard output is exactly one JSON document: an object on one line, or an array with one element a line, so
that it can be read line by line too; \`coffer watch\` alone writes an object a line for as long as it runs. An array that is not closed was not complete; the exit code says why. Fields are only
ever added. Times are text in UTC, such as \`"2026-05-03T10:04:00.000000000Z"\`; sizes are bytes.

Remarks are then lines \`{"notice": TEXT}\` on standard error, and an error is one line there:

    {"error":{"code":"vault.notFound","what":"…","meaning":"…","remedy":"…","context":{"store":"/mnt/disk/vault"}}}`;

function globalManual(): string {
  return `## Options of every command\n\n${optionTable(globalOptions)}`;
}

function exitManual(): string {
  return `## Exit codes\n\n${table(['code', 'meaning'], exitRows())}`;
}

function commandManual(spec: CommandSpec): string {
  const parts = [
    `## coffer ${spec.name}`,
    `${spec.says}.`,
    `    ${usageLine(spec)}`,
    ...(spec.details ?? []),
    spec.arguments.length === 0
      ? ''
      : table(
          ['argument', ''],
          spec.arguments.map(({ name, says }) => [`\`${name}\``, says]),
        ),
    Object.keys(spec.options).length === 0 ? '' : optionTable(spec.options),
    spec.examples.map(({ line, says }) => `    ${line}\n        ${says}`).join('\n'),
    jsonManual(spec),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function jsonManual({ json }: CommandSpec): string {
  const kind = {
    object: 'With `--json`, one object:',
    array: 'With `--json`, an array of:',
    lines: 'With `--json`, one object a line:',
    none: '',
  }[json.kind];
  const rows = json.fields.map(({ name, type, says }) => [`\`${name}\``, type, says]);
  const fields = rows.length === 0 ? '' : table(['field', 'type', 'meaning'], rows);
  return [kind, fields, json.note ?? ''].filter((part) => part !== '').join('\n\n');
}

function optionTable(options: Readonly<Record<string, OptionSpec>>): string {
  const rows = Object.entries(options).map(([name, option]) => [`\`${optionText(name, option)}\``, optionSays(option)]);
  return table(['option', 'meaning'], rows);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) writeFileSync(manualFile, commandsManual());
