import type fc from 'fast-check';
import { CofferError } from '../../engine/base/index.ts';
import { decodeCbor } from '../../engine/format/cbor-reader.ts';
import { encodeCbor } from '../../engine/format/cbor-writer.ts';
import * as format from '../../engine/format/index.ts';
import * as values from './format-values.ts';

/** Every codec as one shape, so that one property serves all of them. */
export type Codec<T> = {
  readonly value: fc.Arbitrary<T>;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
};

/** Hides the type of the value, which only the codec itself needs to know. */
export type AnyCodec = <Result>(use: <T>(codec: Codec<T>) => Result) => Result;
const any =
  <T>(codec: Codec<T>): AnyCodec =>
  (use) =>
    use(codec);

const encodePieces = (pieces: readonly format.NewPiece[]): Uint8Array => {
  const builder = format.createDirectoryBuilder();
  for (const piece of pieces) builder.add(piece);
  return builder.bytes();
};

const decodePieces = (bytes: Uint8Array): format.NewPiece[] => {
  const directory = format.decodeDirectory(bytes, 'it');
  return [...format.directoryPieces(directory)].map(({ stored, raw, zstd, bundle, firstChunk, chunks }) => ({
    stored,
    raw,
    zstd,
    bundle,
    ids: directory.chunkIds.slice(firstChunk * 32, (firstChunk + chunks) * 32),
    lengths: [...directory.chunkLength.subarray(firstChunk, firstChunk + chunks)],
  }));
};

/** Entries of other kinds are read, but there is no writing them. */
const decodeKnownLogEntry = (bytes: Uint8Array): format.KnownLogEntry => {
  const { action, ...fields } = format.decodeLogEntry(bytes, 'it');
  if (action.kind === 'unknown') throw new CofferError('object.damaged', { key: 'it', reason: 'not for this test' });
  return { ...fields, action };
};

const wrapped = new Uint8Array(48).fill(5);
const decodeSlotClear = (bytes: Uint8Array): format.SlotClear => {
  const { clear: _, wrapped: __, ...fields } = format.decodeSlot(Buffer.concat([bytes, wrapped]), 'it');
  return fields;
};

export const codecs: Readonly<Record<string, AnyCodec>> = {
  'a CBOR value': any({
    value: values.cborValue,
    encode: encodeCbor,
    decode: (bytes) => decodeCbor(bytes, 'it'),
  }),
  'a tree': any({
    value: values.tree,
    encode: ({ header, entries }) => format.encodeTree(header, entries),
    decode: (bytes) => format.decodeTree(bytes, 'it'),
  }),
  'a snapshot': any({
    value: values.snapshot,
    encode: format.encodeSnapshot,
    decode: (bytes) => format.decodeSnapshot(bytes, 'it'),
  }),
  'a log entry': any({
    value: values.logEntry,
    encode: format.encodeLogEntry,
    decode: decodeKnownLogEntry,
  }),
  'a signed log entry': any({
    value: values.signedLogEntry,
    encode: format.encodeSignedLogEntry,
    decode: (bytes) => format.decodeSignedLogEntry(bytes, 'it'),
  }),
  'a config body': any({
    value: values.configBody,
    encode: format.encodeConfigBody,
    decode: (bytes) => format.decodeConfigBody(bytes),
  }),
  'a config header': any({
    value: values.configHeader,
    encode: format.encodeConfigHeader,
    decode: (bytes) => format.decodeConfigHeader(bytes),
  }),
  'a key slot': any({
    value: values.slot,
    encode: format.encodeSlotClear,
    decode: decodeSlotClear,
  }),
  'a pack header': any({
    value: values.packHeader,
    encode: format.encodePackHeader,
    decode: (bytes) => format.decodePackHeader(bytes, 'it'),
  }),
  'a pack directory': any({
    value: values.pieces,
    encode: encodePieces,
    decode: decodePieces,
  }),
  'an index': any({
    value: values.indexObject,
    encode: format.encodeIndex,
    decode: (bytes) => format.decodeIndex(bytes, 'it'),
  }),
  refs: any({
    value: values.refs,
    encode: format.encodeRefs,
    decode: (bytes) => format.decodeRefs(bytes, 'it'),
  }),
};
