// docs/ERRORS.md, made from the catalogue. To write it anew: node build/tools/run.mjs build/tools/errors.ts
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogue, type ErrorCode, exitCodes } from '../../engine/base/index.ts';

export const errorsFile = fileURLToPath(new URL('../../docs/ERRORS.md', import.meta.url));

const introduction = `# Errors

Made from the catalogue in \`engine/base/catalogue.ts\` by \`build/tools/errors.ts\`; a test fails when the two differ.

Every error that a person can meet has a code, which never changes its meaning, and three sentences: what happened, what it
means for the files, what to do. The code stands behind the first sentence, but for mistakes on the command line, whose sentence
says it all. With \`--json\` the error is one line on standard error with \`code\`, \`what\`, \`meaning\`, \`remedy\` and
\`context\`. Words in braces are filled in from the case at hand.

Files that could not be saved or restored are no errors of the whole command: they are listed by name, and the exit code is
${exitCodes.someFilesFailed}, or ${exitCodes.vaultDamaged} where it is the vault that is damaged.`;

export function errorsManual(): string {
  // The keys of the catalogue are its codes.
  const codes = Object.keys(catalogue) as ErrorCode[];
  return `${[introduction, overview(codes), ...codes.map(section)].join('\n\n')}\n`;
}

/** Exit codes with the errors that lead to them. */
function overview(codes: readonly ErrorCode[]): string {
  const rows = Object.entries(exitCodes).flatMap(([name, exit]) => {
    const leading = codes.filter((code) => catalogue[code].exit === name);
    const links = leading.map((code) => `[${code}](#${anchorOf(code)})`);
    return links.length === 0 ? [] : [`| ${exit} | ${links.join(', ')} |`];
  });
  return ['| exit code | errors |', '| --- | --- |', ...rows].join('\n');
}

function section(code: ErrorCode): string {
  const { what, meaning, remedy, exit } = catalogue[code];
  return `## ${code}

${sentence(what)}

- What it means: ${sentence(meaning)}
- What to do: ${sentence(remedy)}
- Exit code: ${exitCodes[exit]}`;
}

/** What is filled in stands as code. */
function sentence(text: string): string {
  return text.replace(/\{\w+\}/g, '`$&`');
}

/** As the usual renderers of Markdown name the headings. */
const anchorOf = (code: ErrorCode): string => code.toLowerCase().replaceAll('.', '');

if (import.meta.main) writeFileSync(errorsFile, errorsManual());
