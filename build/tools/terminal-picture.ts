// A picture of a terminal from what stood on it, for the README: text on standard input, SVG on standard output.
//   script -qefc 'sh tour.sh' /dev/null | node build/tools/run.mjs build/tools/terminal-picture.ts > docs/terminal.svg
// A line that begins with "$ " is what was typed. Colours are those that engine/hosts/text/style.ts uses.
import { readFileSync } from 'node:fs';

export type PictureOptions = {
  /** What the picture shows, for people who do not see it. */
  readonly title: string;
};

/** A run of letters that look alike; `column` is where it begins. */
type Run = { readonly column: number; readonly text: string; readonly look: Look };
type Look = '' | 'safe' | 'attention' | 'risk' | 'strong' | 'quiet';

const looks: Readonly<Record<string, Look>> = {
  '0': '',
  '1': 'strong',
  '2': 'quiet',
  '22': '',
  '31': 'risk',
  '32': 'safe',
  '33': 'attention',
  '39': '',
};

const fontSize = 14;
/** Of the usual monospaced fonts, a little generous: each run is placed by itself, so that columns stay columns in any of them. */
const columnWidth = 8.5;
const lineHeight = 20;
const padding = 20;
const columnsLeast = 72;

const style = `
    text { font: ${fontSize}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; fill: #1f2328 }
    .ground { fill: #ffffff; stroke: #d0d7de }
    .safe { fill: #1a7f37 } .attention { fill: #9a6700 } .risk { fill: #cf222e } .strong { font-weight: 600 } .quiet { fill: #656d76 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .ground { fill: #0d1117; stroke: #30363d }
      .safe { fill: #3fb950 } .attention { fill: #d29922 } .risk { fill: #f85149 } .quiet { fill: #8b949e }
    }
  `;

export function terminalPicture(text: string, { title }: PictureOptions): string {
  const lines = linesOf(text).map(runsOf);
  const columns = Math.max(
    columnsLeast,
    ...lines.flatMap((runs) => runs.map((run) => run.column + [...run.text].length)),
  );
  const width = Math.ceil(columns * columnWidth) + 2 * padding;
  const height = lines.length * lineHeight + 2 * padding;
  const shown = lines
    .map((runs, at) => textOf(runs, padding + at * lineHeight + fontSize))
    .filter((line) => line !== '');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `  <title>${escaped(title)}</title>`,
    `  <style>${style}</style>`,
    `  <rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...shown.map((line) => `  ${line}`),
    '</svg>',
    '',
  ].join('\n');
}

/** What was left standing: a line that was written over begins anew at its last carriage return. */
function linesOf(text: string): string[] {
  const lines = text
    .replaceAll('\x1b[K', '')
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '');
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  return lines;
}

function runsOf(line: string): Run[] {
  if (line.startsWith('$ ')) {
    return [
      { column: 0, text: '$', look: 'quiet' },
      { column: 2, text: line.slice(2), look: 'strong' },
    ];
  }
  const runs: Run[] = [];
  let look: Look = '';
  let column = 0;
  for (const [at, part] of line.split(/\x1b\[(\d+)m/).entries()) {
    if (at % 2 === 1) {
      const next = looks[part];
      if (next === undefined) throw new Error(`a colour that the picture does not know: ${part}`);
      look = next;
    } else if (part !== '') {
      runs.push(...wordsOf({ column, text: part, look }));
      column += [...part].length;
    }
  }
  return runs;
}

/** Where columns were aligned with several spaces, what follows is placed by itself. */
function wordsOf({ column, text, look }: Run): Run[] {
  const words: Run[] = [];
  for (const match of text.matchAll(/\S+(?: \S+)*/g)) {
    words.push({ column: column + [...text.slice(0, match.index)].length, text: match[0], look });
  }
  return words;
}

function textOf(runs: readonly Run[], y: number): string {
  const spans = runs.map(({ column, text, look }) => {
    const x = padding + column * columnWidth;
    return `<tspan x="${x}"${look === '' ? '' : ` class="${look}"`}>${escaped(text)}</tspan>`;
  });
  return spans.length === 0 ? '' : `<text y="${y}">${spans.join('')}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

if (import.meta.main) {
  const title = process.argv[2] ?? 'A terminal';
  process.stdout.write(terminalPicture(readFileSync(0, 'utf8'), { title }));
}
