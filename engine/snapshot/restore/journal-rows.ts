import type { Item } from './items.ts';
import { outcomeWidth } from './job.ts';
import { intentFlags, intentWidth, type Journal, resultWidth } from './journal.ts';

/** What is about to be made. */
export function writeIntents(journal: Journal, items: readonly Item[]): void {
  const folders = new Map<string, number>();
  const rows = new Float64Array(items.length * intentWidth);
  for (const [index, { number, place, replaces, entry }] of items.entries()) {
    const folder = folders.get(place.path) ?? folders.size;
    folders.set(place.path, folder);
    const flags = (replaces ? intentFlags.replaces : 0) | (entry.hardLink === undefined ? 0 : intentFlags.hardLink);
    rows.set([number, folder, flags], index * intentWidth);
  }
  journal.append({ kind: 'intents', folders: [...folders.keys()], names: items.map(({ as }) => as).join('/'), rows });
}

export type MadeItem = { readonly item: Item; readonly name: string | null; readonly row: number };

/** What was made, and how it looks: what looks different later was changed by somebody else. */
export function writeResults(journal: Journal, output: Float64Array, made: readonly MadeItem[]): void {
  const rows = new Float64Array(made.length * resultWidth);
  const names: [number, string][] = [];
  for (const [index, { item, name, row }] of made.entries()) {
    const at = index * resultWidth;
    rows[at] = item.number;
    // All but the outcome, which is "done".
    rows.set(output.subarray(row * outcomeWidth + 1, (row + 1) * outcomeWidth), at + 1);
    if (name !== null) names.push([item.number, name]);
  }
  journal.append({ kind: 'results', rows, names });
}
