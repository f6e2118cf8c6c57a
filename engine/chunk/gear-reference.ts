import { viewOf } from '../base/index.ts';
import { type ChunkerParameters, gearLimit } from './parameters.ts';

/**
 * gear64 a second time, as FORMAT.md words it, in plain numbers: what the WebAssembly is tested against. The 64-bit hash is
 * kept in two halves.
 */
export function referenceEnds(parameters: ChunkerParameters, table: Uint8Array, content: Uint8Array): number[] {
  const cut = referenceCut(parameters, table);
  const ends: number[] = [];
  for (let start = 0; start < content.length; ) {
    start = cut(content, start);
    ends.push(start);
  }
  return ends;
}

function referenceCut(
  parameters: ChunkerParameters,
  table: Uint8Array,
): (content: Uint8Array, start: number) => number {
  const { min, max } = parameters;
  const limit = gearLimit(parameters);
  const limitHigh = Number(limit >> 32n);
  const limitLow = Number(limit & 0xffffffffn);
  const { low: tableLow, high: tableHigh } = halvesOf(table);
  return (content, start) => {
    if (content.length - start <= min) return content.length;
    const most = Math.min(start + max, content.length);
    let low = 0;
    let high = 0;
    for (let at = start + min - 64; ; at++) {
      const byte = content[at] ?? 0;
      const sum = ((low << 1) >>> 0) + (tableLow[byte] ?? 0);
      const carries = (low >>> 31) + (sum > 0xffffffff ? 1 : 0);
      high = (((high << 1) >>> 0) + (tableHigh[byte] ?? 0) + carries) >>> 0;
      low = sum >>> 0;
      const end = at + 1;
      const isBelow = high < limitHigh || (high === limitHigh && low < limitLow);
      if ((end >= start + min && isBelow) || end === most) return end;
    }
  };
}

function halvesOf(table: Uint8Array): { low: Uint32Array; high: Uint32Array } {
  const view = viewOf(table);
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    low[byte] = view.getUint32(byte * 8, true);
    high[byte] = view.getUint32(byte * 8 + 4, true);
  }
  return { low, high };
}
