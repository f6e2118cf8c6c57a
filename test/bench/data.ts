// The data of the bench: generated from a seed, kept between runs. A part counts as there when its marker, which is written
// last, holds the same plan; otherwise it is made anew.
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { lengthAfter, planEdits } from './edits.ts';
import { type ByteSource, createNoise, createRandom } from './random.ts';
import { createText } from './words.ts';

/** To be raised whenever the generators change, so that nobody measures yesterday's data. */
const dataVersion = 1;
const mebibyte = 2 ** 20;
const blockBytes = 8 * mebibyte;

export type DataPlan = {
  readonly bigBytes: number;
  readonly editCount: number;
  readonly smallFiles: number;
  readonly smallFolders: number;
  readonly smallTopFolders: number;
  readonly textBytes: number;
  readonly textFiles: number;
};

export const fullPlan: DataPlan = {
  bigBytes: 2048 * mebibyte,
  editCount: 200,
  smallFiles: 100_000,
  smallFolders: 2_000,
  smallTopFolders: 40,
  textBytes: 1024 * mebibyte,
  textFiles: 16,
};

/** For CI: the same shapes, a thirtieth of the size. */
export const smallPlan: DataPlan = {
  bigBytes: 64 * mebibyte,
  editCount: 6,
  smallFiles: 3_000,
  smallFolders: 60,
  smallTopFolders: 6,
  textBytes: 32 * mebibyte,
  textFiles: 4,
};

export type DataPart = 'big' | 'small' | 'text' | 'edited';

export type Data = {
  /** The folder to back up, for each kind of data. */
  readonly big: string;
  readonly small: string;
  readonly text: string;
  /** Lets the edited file and the original change places; each pair of calls leaves everything as it was. */
  readonly swapEdited: () => void;
};

/** Times in 2024 with a fraction, spread over the year: old enough that no program distrusts them as "just changed". */
const setTime = (path: string, seed: number): void => {
  const seconds = 1_704_067_200 + (seed % 31_000_000) + ((seed * 977) % 1_000) / 1_000 + 0.000_125;
  utimesSync(path, seconds, seconds);
};

const writeBytes = (file: number, bytes: Uint8Array): void => {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
};

const writeLarge = (path: string, length: number, source: ByteSource): void => {
  const file = openSync(path, 'w');
  for (let left = length; left > 0; left -= blockBytes) writeBytes(file, source(Math.min(left, blockBytes)));
  closeSync(file);
};

const makeBig = (folder: string, plan: DataPlan): void => {
  const path = join(folder, 'big.bin');
  writeLarge(path, plan.bigBytes, createNoise('big'));
  setTime(path, 1);
};

const makeText = (folder: string, plan: DataPlan): void => {
  const text = createText('text');
  for (let index = 0; index < plan.textFiles; index += 1) {
    const path = join(folder, `volume-${String(index + 1).padStart(2, '0')}.txt`);
    writeLarge(path, plan.textBytes / plan.textFiles, text);
    setTime(path, index + 2);
  }
};

/** Copies bytes start … end of one file to the end of another. */
const copyRange = (from: number, to: number, start: number, end: number, buffer: Uint8Array): void => {
  for (let at = start; at < end; ) {
    const count = readSync(from, buffer, 0, Math.min(buffer.length, end - at), at);
    if (count === 0) throw new Error('The big file is shorter than planned.');
    writeBytes(to, buffer.subarray(0, count));
    at += count;
  }
};

const makeEdited = (original: string, edited: string, plan: DataPlan): void => {
  const edits = planEdits(createRandom('edits'), plan.bigBytes, plan.editCount);
  const noise = createNoise('edits');
  const buffer = Buffer.allocUnsafe(blockBytes);
  const from = openSync(original, 'r');
  const to = openSync(edited, 'w');
  let at = 0;
  for (const edit of edits) {
    copyRange(from, to, at, edit.offset, buffer);
    writeBytes(to, noise(edit.inserted));
    at = edit.offset + edit.removed;
  }
  copyRange(from, to, at, plan.bigBytes, buffer);
  closeSync(from);
  closeSync(to);
  setTime(edited, 20_000_000);
  if (statSync(edited).size !== lengthAfter(edits, plan.bigBytes)) throw new Error('The edits went wrong.');
};

const smallMedianBytes = 3_000;
/** With it the mean is 8 kB: a few files hold most of the bytes, as in people's folders. */
const smallDeviation = 1.4;
const smallBytesMax = 2_000_000;
const smallModes = [0o644, 0o644, 0o644, 0o600, 0o755] as const;

const smallFolder = (index: number, plan: DataPlan): string => {
  const top = `area-${String(index % plan.smallTopFolders).padStart(2, '0')}`;
  return index < plan.smallTopFolders ? top : join(top, `topic-${String(index).padStart(4, '0')}`);
};

const makeSmall = (folder: string, plan: DataPlan): void => {
  const random = createRandom('small');
  const noise = createNoise('small');
  const text = createText('small');
  const folders = Array.from({ length: plan.smallFolders }, (_, index) => join(folder, smallFolder(index, plan)));
  for (const path of folders) mkdirSync(path, { recursive: true });
  for (let index = 0; index < plan.smallFiles; index += 1) {
    const size = Math.min(
      smallBytesMax,
      Math.max(1, Math.round(smallMedianBytes * Math.exp(smallDeviation * random.normal()))),
    );
    const isNoise = random.below(4) === 0;
    const name = `${String(random.below(1_000)).padStart(3, '0')}-${index}.${isNoise ? 'jpg' : 'txt'}`;
    const path = join(folders[index % folders.length] ?? folder, name);
    writeFileSync(path, isNoise ? noise(size) : text(size), {
      mode: smallModes[random.below(smallModes.length)] ?? 0o644,
    });
    setTime(path, random.next());
  }
  for (const [index, path] of folders.entries()) setTime(path, index);
};

/** What marks a part as complete; the size stands in for reading it all again. */
const markerOf = (plan: DataPlan, part: DataPart): string =>
  createHash('sha256')
    .update(JSON.stringify([dataVersion, part, plan]))
    .digest('hex');

const isReady = (marker: string, content: string): boolean =>
  existsSync(marker) && readFileSync(marker, 'utf8') === content;

/** A run that was killed between two swaps left the edited file in the original's place. */
const recoverSwap = (big: string, edited: string, aside: string): void => {
  if (!existsSync(aside)) return;
  if (existsSync(big)) renameSync(big, edited);
  renameSync(aside, big);
};

type Preparation = { readonly folder: string; readonly plan: DataPlan; readonly say: (line: string) => void };

/** Makes the parts that are missing. Safe to call again after a run that was killed at any point. */
export const prepareData = ({ folder, plan, say }: Preparation, parts: ReadonlySet<DataPart>): Data => {
  const data = { big: join(folder, 'big'), small: join(folder, 'small'), text: join(folder, 'text') };
  const original = join(data.big, 'big.bin');
  const edited = join(folder, 'edited', 'big.bin');
  const aside = join(folder, 'edited', 'original.bin');
  recoverSwap(original, edited, aside);
  const makers: readonly (readonly [DataPart, string, () => void])[] = [
    ['big', data.big, () => makeBig(data.big, plan)],
    ['edited', dirname(edited), () => makeEdited(original, edited, plan)],
    ['small', data.small, () => makeSmall(data.small, plan)],
    ['text', data.text, () => makeText(data.text, plan)],
  ];
  for (const [part, place, make] of makers) {
    const marker = join(folder, `${part}.made`);
    if (!parts.has(part) || isReady(marker, markerOf(plan, part))) continue;
    say(`making the data: ${part}`);
    rmSync(marker, { force: true });
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    make();
    writeFileSync(marker, markerOf(plan, part));
  }
  const swapEdited = (): void => {
    const isEdited = existsSync(aside);
    renameSync(original, isEdited ? edited : aside);
    renameSync(isEdited ? aside : edited, original);
  };
  return { ...data, swapEdited };
};
