import { createChoices } from './choices.ts';
import type { Sql } from './sql.ts';
import { createAbout } from './tables/about.ts';
import { createActivity } from './tables/activity.ts';
import { createDue } from './tables/due.ts';
import { createFailures } from './tables/failures.ts';
import { createRoots } from './tables/roots.ts';
import { createRuns } from './tables/runs.ts';
import { createUploads } from './tables/uploads.ts';

export type Tables = ReturnType<typeof createTables>;

/** Prepares every statement, so that a database which lacks a table or a column is found out when it is opened. */
export function createTables(sql: Sql) {
  return {
    about: createAbout(sql),
    choices: createChoices(sql),
    roots: createRoots(sql),
    runs: createRuns(sql),
    failures: createFailures(sql),
    activity: createActivity(sql),
    due: createDue(sql),
    uploads: createUploads(sql),
  };
}
