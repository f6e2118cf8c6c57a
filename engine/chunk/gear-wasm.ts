import { assembleModule, type Code, op, types } from './wasm-assembler.ts';

/**
 * The inner loop of gear64 (FORMAT.md section 6) in WebAssembly, as instructions emitted at run time:
 *
 *     run(at, stop): h = 0
 *       add the 63 bytes from at on                              (no test can hold yet)
 *       for each byte after them, before stop: add it; if h < limit: return the place behind it
 *       return 0
 *
 * Places are offsets in the slab; the caller sees to it that at + 63 < stop. The hash is one i64 in a register; the loop
 * takes many bytes at a time, and each test leaves through a block of its own, which knows how far it is.
 *
 * [Note: far addresses] Table and slab begin far from address 0 on purpose. Their offsets then take four bytes in each
 * machine instruction, and the tests stand further apart: at the distance that short offsets give, some processors need a
 * padding instruction before every single test (the erratum of their conditional jumps). 2.3 GB/s instead of 1.9.
 */
export type GearRun = (at: number, stop: number) => number;

const pageBytes = 64 * 1024;
const tableAt = 4096;
const tableBytes = 2048;
const limitAt = tableAt + tableBytes;
const slabAt = pageBytes;

export const windowBytes = 64;
/** More than this gains nothing; eight cost 6 %. */
const unrolled = 32;

const parameter = { at: 0, stop: 1 } as const;
const local = { hash: 2, limit: 3, end: 4 } as const;

/** hash = 2 · hash + T[the byte at `at` + offset], and the hash on the stack. */
const addByte = (offset: number): Code => [
  ...op.localGet(parameter.at),
  ...op.i32Load8(slabAt + offset),
  ...op.i32Const(3),
  ...op.i32Shl,
  ...op.i64Load(3, tableAt),
  ...op.localGet(local.hash),
  ...op.i64Const(1),
  ...op.i64Shl,
  ...op.i64Add,
  ...op.localTee(local.hash),
];

const isBelowLimit: Code = [...op.localGet(local.limit), ...op.i64LtU];

const atPlus = (bytes: number): Code => [...op.localGet(parameter.at), ...op.i32Const(bytes), ...op.i32Add];
const advance = (bytes: number): Code => [...atPlus(bytes), ...op.localSet(parameter.at)];
const loadLimit: Code = [...op.i32Const(0), ...op.i64Load(3, limitAt), ...op.localSet(local.limit)];

/** Loops while `at` < `end`. */
const againBeforeEnd: readonly Code[] = [op.localGet(parameter.at), op.localGet(local.end), op.i32LtU, op.brIf(0)];

const warmUp: readonly Code[] = [
  atPlus(windowBytes - 1),
  op.localSet(local.end),
  op.loop(addByte(0), op.localSet(local.hash), advance(1), ...againBeforeEnd),
];

/** `end` becomes the first place from which the unrolled loop would reach beyond `stop`. */
const unrolledLoop: Code = op.block(
  op.localGet(parameter.stop),
  op.i32Const(unrolled - 1),
  op.i32Sub,
  op.localTee(local.end),
  op.localGet(parameter.at),
  op.i32LeS,
  op.brIf(0),
  insideExits(
    op.loop(
      // Inside the loop, depth 0 is the loop and depth k + 1 the exit of byte k.
      ...Array.from({ length: unrolled }, (_, k) => [...addByte(k), ...isBelowLimit, ...op.brIf(k + 1)]),
      advance(unrolled),
      ...againBeforeEnd,
    ),
    op.br(unrolled),
  ),
);

/** Block k around the loop, and behind its end the return of the place behind byte k. */
function insideExits(loop: Code, leaveAll: Code): Code {
  let code: Code = [...loop, ...leaveAll];
  for (let k = 0; k < unrolled; k++) code = [...op.block(code), ...atPlus(k + 1), ...op.return];
  return code;
}

const lastBytes: Code = op.block(
  op.loop(
    op.localGet(parameter.at),
    op.localGet(parameter.stop),
    op.i32GeU,
    op.brIf(1),
    addByte(0),
    op.localSet(local.hash),
    advance(1),
    op.localGet(local.hash),
    isBelowLimit,
    op.if(op.localGet(parameter.at), op.return),
    op.br(0),
  ),
);

const assemble = (): Uint8Array<ArrayBuffer> =>
  assembleModule({
    parameters: [types.i32, types.i32],
    result: types.i32,
    locals: [types.i64, types.i64, types.i32],
    body: [loadLimit, ...warmUp, unrolledLoop, lastBytes, op.i32Const(0)],
  });

export type GearMachine = { readonly slab: Uint8Array; readonly run: GearRun };

export type GearSetup = {
  /** 2,048 bytes: 256 little-endian u64. */
  readonly table: Uint8Array;
  readonly limit: bigint;
  readonly slabBytes: number;
};

/** The little of the global that is used here; the compiler knows it only together with the whole DOM. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: { readonly run: unknown } };
};
type WasmModule = object;

/** The same for all chunkers of a thread, and compiled for the first of them. */
let compiled: WasmModule | undefined;

export function createGearMachine({ table, limit, slabBytes }: GearSetup): GearMachine {
  compiled ??= new WebAssembly.Module(assemble());
  const memory = new WebAssembly.Memory({ initial: 1 + Math.ceil(slabBytes / pageBytes) });
  new Uint8Array(memory.buffer, tableAt, tableBytes).set(table);
  new DataView(memory.buffer).setBigUint64(limitAt, limit, true);
  const instance = new WebAssembly.Instance(compiled, { host: { memory } });
  // The module above exports exactly this function.
  const run = instance.exports.run as GearRun;
  return { slab: new Uint8Array(memory.buffer, slabAt, slabBytes), run };
}
