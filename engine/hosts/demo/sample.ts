import { appendFileSync, linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../base/index.ts';

/** A folder such as people have: small and large, old and new, names in several scripts, links. */
export function makeSample(folder: string, random: Random): void {
  for (const name of ['notes', 'accounts', 'photos', 'project/chapters'])
    mkdirSync(join(folder, name), { recursive: true });
  const put = (name: string, content: string | Uint8Array, mode = 0o644): void =>
    writeFileSync(join(folder, name), content, { mode });
  put('notes/diary.txt', diary(400));
  put('notes/Überraschung für 花子.txt', 'A telescope.\n');
  put('notes/empty.txt', '');
  put('accounts/2025.csv', accounts(12_000));
  put('photos/lake.raw', random.bytes(pictureBytes));
  put('project/build.sh', '#!/bin/sh\necho building\n', 0o755);
  for (let chapter = 1; chapter <= 120; chapter++) put(chapterName(chapter), diary(10 + (chapter % 17)));
  symlinkSync('../notes/diary.txt', join(folder, 'project/diary'));
  linkSync(join(folder, 'notes/empty.txt'), join(folder, 'notes/also-empty.txt'));
  utimesSync(join(folder, 'accounts/2025.csv'), 1_767_225_599.5, 1_767_225_599.5);
}

/** What a day does to it; `picture` is what was put into the middle of the large file. */
export function changeSample(folder: string, picture: Uint8Array, random: Random): void {
  appendFileSync(join(folder, 'notes/diary.txt'), 'Today I made my first backup.\n');
  writeFileSync(join(folder, 'accounts/invoice-0317.txt'), 'Invoice 0317\nOne telescope\n');
  rmSync(join(folder, chapterName(7)));
  const middle = Math.floor(picture.length / 2);
  const parts = [picture.subarray(0, middle), random.bytes(insertedBytes), picture.subarray(middle)];
  writeFileSync(join(folder, 'photos/lake.raw'), Buffer.concat(parts));
}

/** Large enough to be cut into many pieces, small enough for a tour of seconds. */
const pictureBytes = 12_000_000;
export const insertedBytes = 1000;

const chapterName = (chapter: number): string => `project/chapters/chapter-${String(chapter).padStart(3, '0')}.md`;

function diary(lines: number): string {
  const days = [
    'Rain until noon',
    'Walked around the lake',
    'Repaired the old clock',
    'Letters, and a cake',
    'A quiet day',
  ];
  return Array.from(
    { length: lines },
    (_, at) => `${at + 1}. ${days[at % days.length]}; ${(at * 7919) % 1000} steps.\n`,
  ).join('');
}

function accounts(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, at) => `2025-${1 + (at % 12)}-${1 + (at % 28)},${(at * 104_729) % 100_000},paid\n`,
  );
  return `date,amount,state\n${lines.join('')}`;
}
