import type { Clock } from '../../base/index.ts';
import { colours, noColours, type Style } from '../text/style.ts';
import { safeForTerminal } from '../text/width.ts';
import type { Host, OutputStream } from './host.ts';
import { createLiveLine, type LiveLine, noLiveLine } from './live-line.ts';

export type OutputOptions = { readonly json: boolean; readonly quiet: boolean; readonly colour: boolean };

/**
 * What a command says. Standard output carries results, standard error everything else; order on a terminal is kept.
 *
 *     say      what is true now, in words        not with --json or --quiet
 *     row      what was asked for                not with --json
 *     sum      how much that was                 only on a terminal
 *     object, items                              only with --json
 *     note     a remark for a person             on standard error
 */
export type Output = {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly columns: number;
  readonly isTerminal: boolean;
  readonly style: Style;
  /** For what goes to standard error. */
  readonly errorStyle: Style;
  readonly live: LiveLine;
  /** The reader went away; a listing may stop. */
  readonly isClosed: boolean;
  say(line: string): void;
  row(line: string): void;
  /** Closes a listing for who watches it; in a pipe it would be one more row. */
  sum(line: string): void;
  object(value: unknown): void;
  /** A list of any length: an array with `--json`, else rows. */
  items<Item>(items: AsyncIterable<Item> | Iterable<Item>, shown: ItemShown<Item>): Promise<number>;
  bytes(data: Uint8Array): Promise<void>;
  note(text: string): void;
  errorLines(lines: readonly string[]): void;
  /** A path as it may be shown here: escaped on a terminal, byte by byte in a pipe. */
  path(path: string): string;
  /** The same for standard error. */
  errorPath(path: string): string;
  readonly isErrorTerminal: boolean;
  flush(): Promise<void>;
};

export type ItemShown<Item> = { json(item: Item): unknown; row(item: Item): string };

const bufferLetters = 64 * 1024;

export function createOutput(
  host: Pick<Host, 'out' | 'err' | 'clock' | 'environment'>,
  options: OutputOptions,
): Output {
  const { out, err, clock, environment } = host;
  const { json, quiet } = options;
  const live = chooseLiveLine(err, clock, options);
  const results = bufferedOutput(out);
  const styleOf = (stream: OutputStream): Style =>
    stream.isTerminal && options.colour && !environment.NO_COLOR && environment.TERM !== 'dumb' ? colours : noColours;
  const print = (line: string): void => {
    live.clear();
    results.add(`${line}\n`);
    // Somebody watches.
    if (out.isTerminal) results.push();
  };
  let remarks: Promise<unknown> = Promise.resolve();
  const complain = (line: string): void => {
    live.clear();
    results.push();
    // When standard error is gone, there is nobody left to tell.
    remarks = Promise.allSettled([remarks, err.write(`${line}\n`)]);
  };
  return {
    json,
    quiet,
    // A window may be made larger or smaller meanwhile.
    get columns() {
      return out.columns;
    },
    isTerminal: out.isTerminal,
    style: styleOf(out),
    errorStyle: styleOf(err),
    live,
    get isClosed() {
      return out.isClosed;
    },
    say: (line) => {
      if (!json && !quiet) print(line);
    },
    row: (line) => {
      if (!json) print(line);
    },
    sum: (line) => {
      if (!json && !quiet && out.isTerminal) print(line);
    },
    object: (value) => {
      if (json) print(JSON.stringify(value));
    },
    items: async (items, shown) => {
      let count = 0;
      for await (const item of items) {
        if (json) results.add(`${count === 0 ? '[\n' : ',\n'}${JSON.stringify(shown.json(item))}`);
        else print(shown.row(item));
        count++;
        if (results.isFull()) await results.flush();
        if (out.isClosed) return count;
      }
      if (json) results.add(count === 0 ? '[]\n' : '\n]\n');
      return count;
    },
    bytes: async (data) => {
      await results.flush();
      await out.write(data);
    },
    note: (text) => complain(json ? JSON.stringify({ notice: text }) : text),
    errorLines: (lines) => {
      for (const line of lines) complain(line);
    },
    path: (path) => (out.isTerminal ? safeForTerminal(path) : path),
    errorPath: (path) => (err.isTerminal ? safeForTerminal(path) : path),
    isErrorTerminal: err.isTerminal,
    flush: async () => {
      live.clear();
      await remarks;
      await results.flush();
    },
  };
}

function chooseLiveLine(err: OutputStream, clock: Clock, { json, quiet }: OutputOptions): LiveLine {
  return err.isTerminal && !json && !quiet ? createLiveLine(err, clock) : noLiveLine;
}

type Buffered = { add(text: string): void; push(): void; isFull(): boolean; flush(): Promise<void> };

/** Gathers lines, since a write for each of a million would take longer than to find them. */
function bufferedOutput(stream: OutputStream): Buffered {
  let buffer = '';
  let writes: Promise<unknown> = Promise.resolve();
  const push = (): void => {
    if (buffer === '') return;
    const write = stream.write(encode(buffer));
    buffer = '';
    writes = Promise.all([writes, write]);
    // `flush` reports it; until then it must not count as unhandled.
    writes.catch(() => {});
  };
  return {
    add: (text) => {
      buffer += text;
    },
    push,
    isFull: () => buffer.length >= bufferLetters,
    flush: async () => {
      push();
      await writes;
    },
  };
}

/** Text as UTF-8, and each escaped byte of a name ([Note: path text] in engine/filesystem/port.ts) as that byte. */
function encode(text: string): string | Uint8Array {
  if (text.isWellFormed()) return text;
  const parts = text.split(/([\udc80-\udcff])/u).map((part) => {
    const code = part.length === 1 ? part.charCodeAt(0) : 0;
    return code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(part, 'utf8');
  });
  return Buffer.concat(parts);
}
