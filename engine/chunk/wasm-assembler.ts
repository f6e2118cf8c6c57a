/**
 * Just enough of a WebAssembly assembler for one function: so that the chunker's inner loop stands in the repository as
 * instructions that can be read, and not as a binary that nobody can review.
 */
export type Code = readonly number[];

const unsigned = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
};

const signed = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const ends = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(ends ? low : low | 0x80);
    if (ends) return bytes;
  }
};

export const types = { i32: 0x7f, i64: 0x7e } as const;
const noResult = 0x40;

/** Instructions by their names in the WebAssembly specification; operands come before them, as on the stack. */
export const op = {
  localGet: (local: number): Code => [0x20, ...unsigned(local)],
  localSet: (local: number): Code => [0x21, ...unsigned(local)],
  localTee: (local: number): Code => [0x22, ...unsigned(local)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i64Const: (value: number): Code => [0x42, ...signed(value)],
  /** `align` is the power of two that the address is known to be a multiple of; `offset` is added to it. */
  i64Load: (align: number, offset: number): Code => [0x29, ...unsigned(align), ...unsigned(offset)],
  i32Load8: (offset: number): Code => [0x2d, 0, ...unsigned(offset)],
  i32Add: [0x6a] as Code,
  i32Sub: [0x6b] as Code,
  i32Shl: [0x74] as Code,
  i32LtU: [0x49] as Code,
  i32LeS: [0x4c] as Code,
  i32GeU: [0x4f] as Code,
  i64Add: [0x7c] as Code,
  i64Shl: [0x86] as Code,
  i64LtU: [0x54] as Code,
  /** `depth` counts enclosing blocks outwards, 0 being the innermost. */
  br: (depth: number): Code => [0x0c, ...unsigned(depth)],
  brIf: (depth: number): Code => [0x0d, ...unsigned(depth)],
  return: [0x0f] as Code,
  if: (...body: readonly Code[]): Code => [0x04, noResult, ...body.flat(), 0x0b],
  block: (...body: readonly Code[]): Code => [0x02, noResult, ...body.flat(), 0x0b],
  loop: (...body: readonly Code[]): Code => [0x03, noResult, ...body.flat(), 0x0b],
} as const;

export type WasmFunction = {
  readonly parameters: readonly number[];
  readonly result: number;
  /** Types of the locals behind the parameters. */
  readonly locals: readonly number[];
  readonly body: readonly Code[];
};

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];
const nameOf = (text: string): number[] => vector([...Buffer.from(text, 'utf8')].map((byte) => [byte]));

/** A module with one function, exported as `run`, that works on the imported memory `host.memory`. */
export function assembleModule({ parameters, result, locals, body }: WasmFunction): Uint8Array<ArrayBuffer> {
  const code = [...vector(locals.map((type) => [1, type])), ...body.flat(), 0x0b];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, ...vector(parameters.map((type) => [type])), ...vector([[result]])]])),
    ...section(2, vector([[...nameOf('host'), ...nameOf('memory'), 0x02, 0x00, 0x01]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...nameOf('run'), 0x00, 0x00]])),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
}
