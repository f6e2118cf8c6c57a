import type { BandwidthPolicy } from '../../contract/index.ts';
import { spanOf } from './local-time.ts';

/** What may be sent in a second at this minute of the local day; null where nothing limits it. */
export function rateAt({ limits, otherwise }: BandwidthPolicy, localMinute: number): number | null {
  const limit = spanOf(limits, localMinute);
  return limit === undefined ? otherwise : limit.bytesPerSecond;
}
