import type { Item } from './items.ts';

/**
 * A file whose chunks come from more than one job: its temporary file is made first, workers write into it at once, and
 * with the last chunk it is finished.
 */
export type Shared = {
  readonly item: Item;
  readonly ids: Uint8Array;
  /** The next chunk to hand out, and its offset. */
  next: number;
  offset: number;
  /** Its temporary file is there. */
  created: boolean;
  /** All chunks were handed out. */
  complete: boolean;
  /** It waits for nothing but its metadata and its name. */
  finishing: boolean;
  failed: string | null;
  /** Of chunks that are written. */
  doneBytes: number;
  /** One more job has some of its chunks; returns the stretch they belong to. */
  begin(): number;
  end(stretch: number): void;
  /** A window ends here: what was handed out so far is one stretch. */
  cut(): void;
  readonly isIdle: boolean;
  /** Chunks from the first on that are all written. */
  readonly written: number;
};

export function createShared(item: Item, ids: Uint8Array): Shared {
  const stretches: { end: number; open: number }[] = [{ end: 0, open: 0 }];
  let begun = 0;
  return {
    item,
    ids,
    next: 0,
    offset: 0,
    created: false,
    complete: false,
    finishing: false,
    doneBytes: 0,
    failed: null,
    begin() {
      begun++;
      const stretch = stretches.length - 1;
      const last = stretches[stretch];
      if (last !== undefined) last.open++;
      return stretch;
    },
    end(stretch) {
      begun--;
      const found = stretches[stretch];
      if (found !== undefined) found.open--;
    },
    cut() {
      const last = stretches[stretches.length - 1];
      if (last !== undefined) last.end = this.next;
      stretches.push({ end: this.next, open: 0 });
    },
    get isIdle() {
      return begun === 0;
    },
    get written() {
      let chunks = 0;
      for (const { end, open } of stretches) {
        if (open > 0) break;
        chunks = end;
      }
      return chunks;
    },
  };
}
