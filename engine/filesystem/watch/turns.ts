/**
 * Turns: what is heard is gathered for a moment, looked at together, and looked at in slices, so that neither a program
 * that writes all the time nor a million files keep the thread.
 */
import { type Clock, limits } from '../../base/index.ts';

/**
 * [Note: lost events] The kernel keeps 16,384 events of a process and drops the rest; libuv hears that it did and tells
 * nobody. But it empties the queue in one go, during which no timer fires. So events were lost only if, since some timer
 * last fired, at least a whole queue of them came (measured: 30,000 changes during a pause arrive as 16,384 events in one
 * turn). Half of that is taken as the sign, because libuv swallows what concerns watches that were closed meanwhile.
 */
export class Burst {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #lost: () => void;
  #count = 0;

  constructor(clock: Clock, queueEvents: number, lost: () => void) {
    this.#clock = clock;
    this.#most = queueEvents / 2;
    this.#lost = lost;
  }

  heard(): void {
    if (this.#count++ === 0) void this.#clock.sleep(limits.watchTurnMs).then(() => this.#end());
  }

  #end(): void {
    const lost = this.#count >= this.#most;
    this.#count = 0;
    if (lost) this.#lost();
  }
}

export class Pace {
  readonly #clock: Clock;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  begin(): void {
    this.#since = this.#clock.monotonic();
  }

  get isDue(): boolean {
    return this.#clock.monotonic() - this.#since > limits.watchSliceMs;
  }

  async rest(): Promise<void> {
    await this.#clock.sleep(0);
    this.begin();
  }
}
