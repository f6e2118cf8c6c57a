import type { CommandSpec } from './types.ts';

/** Commands about the agent: the process that watches folders and backs them up. */
const common = { arguments: [], needsStore: false, bare: true, whenCancelled: 'cancelled.other' } as const;

const socket = { name: 'socket', type: 'string', says: 'where programs reach it' } as const;

export const daemonRun = {
  name: 'daemon run',
  says: 'Run the agent in this terminal',
  details: [
    'Runs until it is told to end: by Ctrl-C, a signal, or coffer daemon stop. One agent runs for each COFFER_HOME.',
    'It needs no person: secrets come from the file that COFFER_PASSPHRASE_FILE or --passphrase-file names, else from "passphrase" in COFFER_HOME (either must be yours with mode 600), from the credential coffer-passphrase of systemd, from COFFER_PASSPHRASE, or from the system keychain.',
    'What it does is logged in agent.log in COFFER_HOME.',
  ],
  options: { supervised: { kind: 'flag', says: 'start it as another process, and again when that one crashes' } },
  examples: [{ line: 'coffer daemon run', says: 'in a terminal, a container or a service of your own' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'ready', type: 'boolean', says: 'true; printed as soon as it can be reached' },
      { name: 'processId', type: 'number', says: 'the process of the agent' },
      socket,
    ],
    note: 'With `--supervised` nothing is printed.',
  },
  ...common,
} as const satisfies CommandSpec;

export const daemonStart = {
  name: 'daemon start',
  says: 'Start the agent in the background',
  details: [
    'It goes on when this terminal is closed, and is started again when it crashes: at once, then after longer and longer pauses, and after ten crashes within ten minutes once an hour. One that has not answered for three minutes is ended and started again; COFFER_HANG_LIMIT says another time. It does not come back by itself when the computer starts: see coffer daemon install.',
  ],
  options: {},
  examples: [{ line: 'coffer daemon start', says: 'returns when the agent answers' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'started', type: 'boolean', says: 'false when it ran already' },
      { name: 'processId', type: 'number | null', says: 'the process of the agent' },
      socket,
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const daemonStop = {
  name: 'daemon stop',
  says: 'Stop the agent',
  details: ['Returns when it has ended. A run under way is broken off; what it has stored is used by the next one.'],
  options: {},
  examples: [{ line: 'coffer daemon stop', says: 'also succeeds when none runs' }],
  json: { kind: 'object', fields: [{ name: 'stopped', type: 'boolean', says: 'false when none ran' }] },
  ...common,
} as const satisfies CommandSpec;

export const daemonStatus = {
  name: 'daemon status',
  says: 'Show whether the agent runs',
  options: {},
  examples: [{ line: 'coffer daemon status --json', says: 'for scripts and monitors' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'running', type: 'boolean', says: 'whether there is an agent' },
      { name: 'answers', type: 'boolean', says: 'whether it says so itself' },
      { name: 'processId', type: 'number | null', says: 'its process' },
      { name: 'supervisor', type: 'number | null', says: 'the process that starts it again when it crashes' },
      { name: 'sinceMs', type: 'number | null', says: 'when it was started, in milliseconds since 1970' },
      socket,
      { name: 'version', type: 'string | null', says: 'its version' },
      { name: 'restarts', type: 'number', says: 'how often its supervisor has started it again' },
      { name: 'log', type: 'string', says: 'its log' },
      {
        name: 'gaveUp',
        type: 'object | null',
        says: 'why it is not started again before an hour has passed: the number of `crashes`, and when the last one was (`atMs`)',
      },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const daemonInstall = {
  name: 'daemon install',
  says: 'Let the system start the agent when you sign in',
  details: [
    'Writes a unit for systemd on Linux, a LaunchAgent on macOS, and says the command that puts it to use. On Windows there is nothing of the kind yet.',
  ],
  options: { enable: { kind: 'flag', says: 'run that command too' } },
  examples: [{ line: 'coffer daemon install --enable', says: 'starts the agent now and at each sign-in' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'path', type: 'string', says: 'the file that was written' },
      { name: 'command', type: 'string', says: 'what puts it to use' },
      { name: 'enabled', type: 'boolean', says: 'whether that was run' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const daemonUninstall = {
  name: 'daemon uninstall',
  says: 'Let the system start the agent no more',
  options: { disable: { kind: 'flag', says: 'also stop the agent that the system started' } },
  examples: [{ line: 'coffer daemon uninstall --disable', says: 'stops it and removes the file' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'path', type: 'string', says: 'the file' },
      { name: 'removed', type: 'boolean', says: 'false when there was none' },
      { name: 'command', type: 'string', says: 'what takes it out of use' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;
