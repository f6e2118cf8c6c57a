import { assert, limits, utf8, viewOf } from '../base/index.ts';
import { commitmentBytes, type PackType, packTypes, saltBytes, sealBytes } from './constants.ts';
import { damaged } from './damaged.ts';
import { padme } from './padme.ts';

/** The frame of a pack (FORMAT.md section 7): header in clear, pieces, padding, sealed directory, sealed trailer. */
export const packHeaderBytes = 64;
export const packTrailerBytes = 16;
export const sealedTrailerBytes = packTrailerBytes + sealBytes;

const magic = utf8('CFRP');
const version = 1;

export type PackHeader = { readonly type: PackType; readonly salt: Uint8Array; readonly commitment: Uint8Array };

export function encodePackHeader({ type, salt, commitment }: PackHeader): Uint8Array {
  assert(salt.length === saltBytes && commitment.length === commitmentBytes, 'salt and commitment of their lengths');
  const bytes = new Uint8Array(packHeaderBytes);
  bytes.set(magic, 0);
  bytes[4] = version;
  bytes[5] = packTypes.indexOf(type) + 1;
  bytes.set(salt, 8);
  bytes.set(commitment, 32);
  return bytes;
}

/** Looks at the first 64 bytes only. */
export function decodePackHeader(bytes: Uint8Array, name: string): PackHeader {
  if (bytes.length < packHeaderBytes) throw damaged(name, 'it is cut short');
  if (!magic.every((byte, at) => bytes[at] === byte)) throw damaged(name, 'it does not begin as a pack should');
  if (bytes[4] !== version) throw damaged(name, `its pack version is ${bytes[4]}`);
  const type = packTypes[(bytes[5] ?? 0) - 1];
  if (type === undefined || bytes[6] !== 0 || bytes[7] !== 0) throw damaged(name, 'it is a pack of an unknown type');
  return { type, salt: new Uint8Array(bytes.subarray(8, 32)), commitment: new Uint8Array(bytes.subarray(32, 64)) };
}

export type PackTrailer = {
  /** Where the sealed directory begins, and its length with its tag. */
  readonly directoryOffset: number;
  readonly directoryLength: number;
  /** The end of the last piece; padding follows. */
  readonly piecesEnd: number;
};

/** Where everything of a pack ends up once its pieces end at `piecesEnd` and its directory has so many bytes unsealed. */
export function packLayout(piecesEnd: number, directoryBytes: number): PackTrailer & { readonly length: number } {
  const directoryLength = directoryBytes + sealBytes;
  const length = padme(piecesEnd + directoryLength + sealedTrailerBytes);
  return { piecesEnd, directoryLength, directoryOffset: length - sealedTrailerBytes - directoryLength, length };
}

export function encodeTrailer({ directoryOffset, directoryLength, piecesEnd }: PackTrailer): Uint8Array {
  const bytes = new Uint8Array(packTrailerBytes);
  const view = viewOf(bytes);
  view.setUint32(0, directoryOffset, true);
  view.setUint32(4, directoryLength, true);
  view.setUint32(8, piecesEnd, true);
  return bytes;
}

/** `packLength` is that of the whole object; the three numbers must agree with it and with each other. */
export function decodeTrailer(bytes: Uint8Array, packLength: number, name: string): PackTrailer {
  if (bytes.length !== packTrailerBytes) throw damaged(name, 'its trailer has a wrong length');
  if (packLength > limits.packBytes) throw damaged(name, 'it is larger than a pack may be');
  const view = viewOf(bytes);
  const [directoryOffset, directoryLength, piecesEnd] = [0, 4, 8].map((at) => view.getUint32(at, true)) as [
    // Three offsets give three numbers.
    number,
    number,
    number,
  ];
  const fits =
    piecesEnd >= packHeaderBytes &&
    directoryLength > sealBytes &&
    directoryOffset >= piecesEnd &&
    directoryOffset + directoryLength + sealedTrailerBytes === packLength &&
    padme(piecesEnd + directoryLength + sealedTrailerBytes) === packLength;
  if (!fits || view.getUint32(12, true) !== 0) throw damaged(name, 'its trailer does not fit the pack');
  return { directoryOffset, directoryLength, piecesEnd };
}
