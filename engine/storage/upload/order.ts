import { limits } from '../../base/index.ts';

export type Waiting = {
  readonly bytes: number;
  /** The order of sealing. */
  readonly sequence: number;
  /** An earlier run sealed it. */
  readonly isLeft: boolean;
  readonly isUnderWay: boolean;
  /** Monotonic; not before this. */
  readonly nextMs: number;
};

export const isSmall = ({ bytes }: { readonly bytes: number }): boolean => bytes <= limits.quickObjectBytes;

/**
 * What is sent next; null when nothing may be. What an earlier run left goes first. Then the newest small one, since what
 * somebody works on now should be safe soon, then big ones in their order. Big ones never take the last of several senders.
 */
export function nextToSend<Item extends Waiting>(
  items: Iterable<Item>,
  { senders, nowMs }: { readonly senders: number; readonly nowMs: number },
): Item | null {
  let [underWay, bigUnderWay] = [0, 0];
  let best: Item | null = null;
  let bestSmall: Item | null = null;
  for (const item of items) {
    if (item.isUnderWay) {
      underWay++;
      if (!isSmall(item)) bigUnderWay++;
    } else if (item.nextMs <= nowMs) {
      if (best === null || goesBefore(item, best)) best = item;
      if (isSmall(item) && (bestSmall === null || goesBefore(item, bestSmall))) bestSmall = item;
    }
  }
  if (underWay >= senders) return null;
  return best !== null && !isSmall(best) && bigUnderWay >= Math.max(1, senders - 1) ? bestSmall : best;
}

function goesBefore(one: Waiting, other: Waiting): boolean {
  if (one.isLeft !== other.isLeft) return one.isLeft;
  if (one.isLeft) return one.sequence < other.sequence;
  if (isSmall(one) !== isSmall(other)) return isSmall(one);
  return isSmall(one) ? one.sequence > other.sequence : one.sequence < other.sequence;
}
