import type { Item } from './items.ts';
import type { RestoreJob } from './job.ts';
import type { Shared } from './shared.ts';

/** What a task of a job belongs to. */
export type Ref = {
  readonly item: Item;
  readonly shared: Shared | null;
  /** For part of a shared file: which of its stretches; -1 for its finish. */
  readonly stretch: number;
  readonly bytes: number;
};

export type Work = { readonly name: 'restore' | 'compare'; readonly job: RestoreJob; readonly refs: readonly Ref[] };
