import { CofferError } from '../../base/index.ts';

/** How the system starts the agent when this person signs in: a file, and the command that puts it to use. */
export type Unit = {
  readonly path: string;
  readonly text: string;
  readonly enable: readonly [string, ...string[]];
  readonly disable: readonly [string, ...string[]];
};

export type UnitAsked = {
  readonly platform: string;
  readonly userHome: string;
  readonly user: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The words that start Coffer. */
  readonly program: readonly string[];
  /** Set where COFFER_HOME is not the system's place for such data. */
  readonly home: string | null;
  /** Folders in which bin/coffer finds Node when its own is missing, and the tools of the system. */
  readonly searchPath: string;
};

/** Throws where the system has nothing that we know how to use. */
export function unitFor(asked: UnitAsked): Unit {
  if (asked.platform === 'linux') return systemdUnit(asked);
  if (asked.platform === 'darwin') return launchAgent(asked);
  throw new CofferError('autostart.unknown', { platform: asked.platform });
}

/** The system starts a process again that ended; one whose thread waits for ever is for the supervisor to notice. */
const startWords = ['daemon', 'run', '--supervised'];

function systemdUnit({ userHome, environment, program, home }: UnitAsked): Unit {
  const folder = environment.XDG_CONFIG_HOME || `${userHome}/.config`;
  return {
    path: `${folder}/systemd/user/coffer.service`,
    text: systemdText(program, home),
    enable: ['systemctl', '--user', 'enable', '--now', 'coffer'],
    disable: ['systemctl', '--user', 'disable', '--now', 'coffer'],
  };
}

function systemdText(program: readonly string[], home: string | null): string {
  const words = systemdCommand([...program, ...startWords]);
  const homeLine = home === null ? '' : `Environment=${systemdQuoted(`COFFER_HOME=${home}`)}\n`;
  return `# Written by: coffer daemon install
[Unit]
Description=Coffer: continuous backup of this person's files
# However often it failed, it is tried again: what never starts again protects nothing.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${words}
${homeLine}# The passphrase, where there is no keychain: put it into a file of mode 0600 and take the # away.
#LoadCredential=coffer-passphrase:%h/.config/coffer/passphrase
Restart=always
RestartSec=15
# Told to end (coffer daemon stop), started wrongly, or another one runs: then another start changes nothing.
RestartPreventExitStatus=0 2 7
TimeoutStopSec=10
# No Nice=: how much it gives way is the pace of coffer settings, and what a unit takes cannot be given back.
UMask=0077
# All of the person's files must stay readable, also on drives that are attached later, so nothing here hides folders.
# Node writes code and then runs it, so MemoryDenyWriteExecute must stay off.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`;
}

/** systemd takes no quotes in the name of a program, and no $ either; a shell that becomes the program takes them all. */
function systemdCommand(words: readonly string[]): string {
  const [program = ''] = words;
  const shell = /["'\\$\n\t]/.test(program) ? ['/bin/sh', '-c', 'exec "$0" "$@"'] : [];
  return [...shell, ...words].map(systemdWord).join(' ');
}

/** A word of ExecStart, in which $ would begin a variable. */
const systemdWord = (word: string): string => systemdQuoted(word).replaceAll('$', '$$$$');

/** % begins what systemd fills in, and a backslash what C would. */
function systemdQuoted(word: string): string {
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('%', '%%');
  return `"${escaped}"`;
}

const label = 'coffer.agent';

function launchAgent({ userHome, user, program, home, searchPath }: UnitAsked): Unit {
  const path = `${userHome}/Library/LaunchAgents/${label}.plist`;
  return {
    path,
    text: launchAgentText([...program, ...startWords], {
      PATH: searchPath,
      ...(home === null ? {} : { COFFER_HOME: home }),
    }),
    enable: ['launchctl', 'bootstrap', `gui/${user}`, path],
    disable: ['launchctl', 'bootout', `gui/${user}/${label}`],
  };
}

function launchAgentText(words: readonly string[], environment: Readonly<Record<string, string>>): string {
  const list = words.map((word) => `    <string>${xml(word)}</string>`).join('\n');
  const pairs = Object.entries(environment).map(
    ([name, value]) => `    <key>${xml(name)}</key>\n    <string>${xml(value)}</string>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by: coffer daemon install -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${label}</string>
  <key>ProgramArguments</key>
  <array>
${list}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${pairs.join('\n')}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <!-- Started again when it fails, and left alone when it was told to end. -->
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ProcessType</key>
  <string>Background</string>
  <key>LowPriorityIO</key>
  <true/>
</dict>
</plist>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const xml = (text: string): string => text.replace(/[&<>]/g, (letter) => entities[letter] ?? letter);
