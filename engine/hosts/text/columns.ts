import { widthOf } from './width.ts';

export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

/** Rows under their titles, two spaces between columns; the last column has no padding behind it. */
export function layColumns(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map(({ title }) => title);
  return alignCells(
    columns.map(({ align }) => align ?? 'left'),
    [titles, ...rows],
  );
}

/** Rows without titles, such as names with what they mean. */
export function alignCells(aligns: readonly ('left' | 'right')[], rows: readonly (readonly string[])[]): string[] {
  const widths = aligns.map((_, at) => Math.max(0, ...rows.map((row) => widthOf(row[at] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, at) => {
        const space = ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell)));
        return aligns[at] === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks a paragraph at spaces. */
export function wrap(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(indent) + widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part) => indent + part).join('\n');
}
