import { exposureField, reasonField, stateFields } from './agent-fields.ts';
import type { CommandSpec, JsonField } from './types.ts';

/** Commands about protection that runs by itself: how it stands, and what a person may tell it. */
const common = { needsStore: false, whenCancelled: 'cancelled.other' } as const;

const failuresField = {
  name: 'failures',
  type: '[{path, code, since, place}]',
  says: 'files that could not be saved; place is the number of the place',
} as const satisfies JsonField;

export const status = {
  name: 'status',
  says: 'Show whether everything is safe',
  details: [
    'The exit code is 0 when the state is safe, working, waiting or paused, and 3 when it is attention or atRisk. Where no agent runs, it says so and shows what was last known; the exit code is 3.',
  ],
  arguments: [],
  options: {},
  examples: [
    { line: 'coffer status', says: 'one sentence, then places and sources' },
    { line: 'coffer status --json', says: 'the same for a script' },
  ],
  json: { kind: 'object', fields: [...stateFields, failuresField] },
  ...common,
} as const satisfies CommandSpec;

export const now = {
  name: 'now',
  says: 'Save everything that has changed, now',
  details: [
    'Asks the agent for a run and follows it to its end; where no agent runs, the run is made by the command itself. Ctrl-C ends the following; a run of the agent goes on.',
    'The exit code is 8 when something holds the run back, such as a battery that is low or a pause: it is made later, or now with --anyway. It is 1 when a place could not be written, and 3 when some files could not be saved.',
  ],
  arguments: [],
  options: {
    anyway: {
      kind: 'flag',
      says: 'also on battery, on metered networks and any Wi-Fi, in quiet hours and while paused, and without a limit of bandwidth',
    },
    'no-wait': { kind: 'flag', says: 'only ask the running agent, do not follow the run' },
  },
  examples: [
    { line: 'coffer now', says: 'before the computer is switched off' },
    { line: 'coffer now --anyway --no-wait', says: 'on battery, and go on working' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'run', type: 'number | null', says: 'the number of the run; null when something holds it back' },
      { name: 'waits', type: 'reason | null', says: 'what holds it back, as in `coffer status`' },
      { name: 'ended', type: 'boolean', says: 'whether it was followed to its end' },
      { name: 'results', type: '[activity]', says: 'how it ended at each place, as in `coffer activity`' },
      { name: 'state', type: 'string', says: 'afterwards, as in `coffer status`' },
      reasonField,
      exposureField,
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const pause = {
  name: 'pause',
  says: 'Pause protection',
  details: ['Stops a run within a second; nothing of it is lost. Without an option it lasts until coffer resume.'],
  arguments: [],
  options: {
    for: { kind: 'text', value: 'TIME', says: 'for so long, such as 30m, 1h or 2d' },
    until: {
      kind: 'text',
      value: 'WHEN',
      choices: ['tomorrow', 'power', 'resumed'],
      says: 'until midnight, until the computer is on mains power, or until coffer resume',
    },
  },
  examples: [
    { line: 'coffer pause --for 1h', says: 'during a talk' },
    { line: 'coffer pause --until power', says: 'on a journey' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'until', type: 'string', says: 'time, power or resumed' },
      { name: 'time', type: 'time | null', says: 'when it ends by itself' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const resume = {
  name: 'resume',
  says: 'End a pause',
  arguments: [],
  options: {},
  examples: [{ line: 'coffer resume', says: 'what has changed meanwhile is saved next' }],
  json: { kind: 'object', fields: [{ name: 'resumed', type: 'boolean', says: 'false when nothing was paused' }] },
  ...common,
} as const satisfies CommandSpec;

export const why = {
  name: 'why',
  says: 'Say why a file is protected or not',
  details: ['The exit code is 0 when every path is protected at every place as it is now, and 3 when one is not.'],
  arguments: [{ name: 'PATH', says: 'a file or folder', many: true }],
  options: {},
  examples: [{ line: 'coffer why ~/Documents/big.iso', says: 'by which rule it is left out, what is kept of it' }],
  json: {
    kind: 'array',
    fields: [
      { name: 'path', type: 'string', says: 'the file or folder' },
      {
        name: 'places',
        type: '[{place, url, verdict, detail, text, kept}]',
        says: 'verdict: protected, changed, waiting, leftOut, failed, notASource, gone or unknown (the place cannot be asked now); detail: which rule or error, or null; turn: {at, of} of a file that there was no time for yet, or null; kept: {snapshot, mtime, size} of the newest version there, or null',
      },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const watch = {
  name: 'watch',
  says: 'Watch protection at work',
  details: [
    'On a terminal a picture that stays current: the state, the run, places, sources, and what happened last. In a pipe a line for each change. Ends with Ctrl-C.',
  ],
  arguments: [],
  options: {},
  examples: [
    { line: 'coffer watch', says: 'until Ctrl-C' },
    { line: 'coffer watch --json', says: 'a line for each change, for a program' },
  ],
  json: {
    kind: 'lines',
    note: 'The first line has all fields but activity; each line after it only those that changed.',
    fields: [...stateFields, { name: 'activity', type: 'object', says: 'what happened, as in `coffer activity`' }],
  },
  ...common,
  endsWithSignal: true,
} as const satisfies CommandSpec;

export const wait = {
  name: 'wait',
  says: 'Wait until everything is safe',
  details: [
    'Ends when everything that had changed before is confirmed at every place. When the time is over first, the exit code is 8; when some files could not be saved, it is 3.',
  ],
  arguments: [],
  options: {
    until: { kind: 'text', value: 'STATE', choices: ['safe'], says: 'what to wait for; "safe" unless said otherwise' },
    timeout: { kind: 'text', value: 'TIME', says: 'wait at most so long, such as 60s or 5m' },
  },
  examples: [{ line: 'coffer wait --until safe --timeout 60s', says: 'before a script goes on' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'safe', type: 'boolean', says: 'false when the time was over first, or some files could not be saved' },
      { name: 'state', type: 'string', says: 'as in `coffer status`' },
      reasonField,
      exposureField,
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const activity = {
  name: 'activity',
  says: 'Show what happened, oldest first',
  arguments: [],
  options: {
    problems: { kind: 'flag', says: 'only what went wrong' },
    last: { kind: 'text', value: 'COUNT', says: 'only the newest ones; 20 unless said otherwise' },
  },
  examples: [
    { line: 'coffer activity', says: 'runs, places that came and went, changes of sources' },
    { line: 'coffer activity --problems --last 100', says: 'what went wrong' },
  ],
  json: {
    kind: 'array',
    fields: [
      { name: 'id', type: 'number', says: 'its number' },
      { name: 'at', type: 'time', says: 'when it happened' },
      { name: 'kind', type: 'string', says: 'what happened, such as runDone, runFailed, placeMissing' },
      { name: 'problem', type: 'boolean', says: 'whether something went wrong' },
      { name: 'context', type: 'object', says: 'its figures and names' },
      { name: 'text', type: 'string', says: 'the same in words' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;
