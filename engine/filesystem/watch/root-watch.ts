/**
 * The life of one watched root. Everything it does happens in turns, one after another, so that what is watched is changed
 * by one hand only:
 *
 *   something heard, or five seconds gone ─► is the root still there?
 *     gone       → close the ears, say `gone`
 *     back       → new ears, then say `back`
 *     replaced, or events lost → new ears, then say `overflow`
 *     otherwise  → let the ears settle: they say what changed
 *
 * Lost events may have been those of new folders, so after them all ears are made anew before anybody is told: what changes
 * from then on is heard. Unmounting is not always told by events, therefore the look every five seconds.
 */
import { type Clock, limits } from '../../base/index.ts';
import type { Ears } from './ears.ts';
import { WatchLimit } from './limit.ts';
import type { Watch, WatchEvent } from './port.ts';
import type { Presence } from './presence.ts';
import type { Pace } from './turns.ts';

export type RootWatchOptions = {
  readonly presence: Presence;
  readonly makeEars: (isFolder: boolean, signals: EarsSignals) => Ears;
  readonly hear: (event: WatchEvent) => void;
  readonly clock: Clock;
  readonly pace: Pace;
  /** Whether the root may be touched: one that hangs would take this thread with it, and counts as gone. */
  readonly answers: () => Promise<boolean>;
  /** The same by what is known. */
  readonly hangs: () => boolean;
};

export type EarsSignals = { readonly wake: () => void; readonly doubt: () => void; readonly lost: () => void };

export class RootWatch implements Watch {
  readonly #options: RootWatchOptions;
  readonly #closing = new AbortController();
  #ears: Ears | null = null;
  #isGone = false;
  #isLimited = false;
  #isLost = false;
  #woken = Promise.withResolvers<void>();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: RootWatchOptions) {
    this.#options = options;
  }

  get mode(): 'events' | 'scanning' {
    return this.folders > 0 ? 'events' : 'scanning';
  }

  get folders(): number {
    return this.#ears?.folders ?? 0;
  }

  async start(): Promise<void> {
    const { seen, isFolder } = await this.#look();
    if (seen === 'gone') this.#sayGone();
    else await this.#listen(isFolder);
    this.#running = Promise.all([this.#takeTurns(), this.#poll()]);
  }

  isThere(): boolean {
    const isThere = !this.#options.hangs() && this.#options.presence.isThere;
    // Whoever asks acts on it at once, and so should everybody who hears of this root.
    if (isThere === this.#isGone) this.#wake();
    return isThere && !this.#isGone;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#running;
    await this.#deafen();
  }

  /** Everything heard is in doubt, for instance because the kernel dropped events. */
  lose(): void {
    if (this.#ears) this.#isLost = true;
    this.#wake();
  }

  #wake(): void {
    this.#woken.resolve();
  }

  async #takeTurns(): Promise<void> {
    for (;;) {
      await this.#woken.promise;
      if (!(await this.#sleep(limits.watchTurnMs))) return;
      this.#woken = Promise.withResolvers();
      await this.#turn();
    }
  }

  async #poll(): Promise<void> {
    while (await this.#sleep(limits.watchPollMs)) this.#wake();
  }

  /** False when the watch is closed. */
  async #sleep(delayMs: number): Promise<boolean> {
    const { signal } = this.#closing;
    if (!signal.aborted) await this.#options.clock.sleep(delayMs, signal).catch(() => {});
    return !signal.aborted;
  }

  async #look(): Promise<ReturnType<Presence['look']>> {
    const { answers, presence } = this.#options;
    return (await answers()) ? presence.look() : { seen: 'gone', isFolder: false };
  }

  async #turn(): Promise<void> {
    const { seen, isFolder } = await this.#look();
    this.#options.pace.begin();
    if (seen === 'gone') {
      await this.#deafen();
      if (!this.#isGone) this.#sayGone();
    } else if (this.#isGone) {
      this.#isGone = false;
      await this.#listen(isFolder);
      this.#hear({ kind: 'back' });
    } else if (this.#isLost || seen === 'replaced') {
      await this.#listenAnew(isFolder);
    } else if (this.folders > 0) {
      await this.#settle();
    } else if (!this.#isLimited) {
      await this.#listen(isFolder); // it could not be read so far
      if (this.folders > 0) this.#hear({ kind: 'overflow' });
    }
  }

  async #listenAnew(isFolder: boolean): Promise<void> {
    await this.#deafen();
    // Whoever makes so many changes makes more: hearing them would cost time and end in another overflow.
    if (!(await this.#sleep(limits.watchRestMs))) return;
    await this.#listen(isFolder);
    this.#hear({ kind: 'overflow' });
  }

  async #listen(isFolder: boolean): Promise<void> {
    await this.#deafen();
    if (this.#isLimited) return;
    const wake = (): void => this.#wake();
    const lose = (): void => this.lose();
    const ears = this.#options.makeEars(isFolder, { wake, doubt: lose, lost: lose });
    this.#ears = ears;
    await this.#orLimit(() => ears.open());
  }

  async #settle(): Promise<void> {
    const ears = this.#ears;
    if (ears) await this.#orLimit(() => ears.settle());
  }

  /**
   * At the limit everything is given back. Some folders with events and some without would help little and could not be
   * explained, and the other programs of this person share the room.
   */
  async #orLimit(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof WatchLimit)) throw error;
      const watched = this.folders;
      this.#isLimited = true;
      await this.#deafen();
      this.#hear({ kind: 'limit', watched, remedy: error.remedy });
    }
  }

  async #deafen(): Promise<void> {
    const ears = this.#ears;
    this.#ears = null;
    this.#isLost = false;
    await ears?.close();
  }

  #sayGone(): void {
    this.#isGone = true;
    this.#hear({ kind: 'gone' });
  }

  #hear(event: WatchEvent): void {
    if (!this.#closing.signal.aborted) this.#options.hear(event);
  }
}
