import { isAbsolute, join, resolve } from 'node:path';
import { CofferError, describeError, type ExitName, isCofferError } from '../../base/index.ts';
import type { Engine, Ports, Vault } from '../engine.ts';
import { formatTimeOfDay } from '../text/times.ts';
import type { Attach } from './agent/attach.ts';
import { homeOf } from './home.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { Call } from './parse.ts';
import type { RecentLog } from './recent-log.ts';
import { createSecrets, type FoundSecret, type Secrets } from './secrets.ts';
import { specOf } from './table/index.ts';
import { usageError } from './usage.ts';

/** What a command works with. */
export type Session = {
  readonly host: Host;
  readonly output: Output;
  readonly engine: Engine;
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly agent: Attach;
  /** The person asked to use the recovery phrase. */
  readonly opensByPhrase: boolean;
  /** The same for another place, named as the question names it. */
  secretsOf(store: string): Secrets;
  /** The place, in full; empty for a command that needs none. */
  readonly store: string;
  readonly signal: AbortSignal;
  /** A path as typed, in full. */
  fullPath(typed: string): string;
  /** A place as typed: a folder in full, an address as it is. */
  fullStore(typed: string): string;
  /** Opens the vault. */
  open(mode: 'read' | 'write', hear?: Hear): Promise<Vault>;
  /** Opens the vault, closes it whatever happens. */
  withVault(mode: 'read' | 'write', work: (vault: Vault) => Promise<ExitName>, hear?: Hear): Promise<ExitName>;
};

/** What a command works with that needs no engine, or loads it itself: see `bare` in the table. */
export type BareSession = Pick<Session, 'host' | 'output' | 'signal' | 'fullPath'> & {
  /** COFFER_HOME in full. */
  readonly home: string;
  readonly log: RecentLog;
};

export function createBareSession(host: Host, output: Output, log: RecentLog): BareSession {
  const { signal } = host;
  return { host, output, signal, log, home: homeOf(host), fullPath: (typed) => fullPath(host, typed) };
}

/** What happens on the way. */
export type Hear = {
  /** A secret is about to be looked for, perhaps by asking: all that comes before it is loaded. */
  readonly beforeSecret?: () => void;
  /** The secret that is tried. */
  readonly onSecret?: (found: FoundSecret) => void;
  /** It opened the vault a moment ago, so nobody is asked again. */
  readonly known?: FoundSecret | undefined;
};

/** Enough for slips of the finger; who does not know the passphrase is told what else opens the vault. */
const tries = 3;

export async function createSession(host: Host, call: Call, output: Output, log: RecentLog): Promise<Session> {
  const { globals } = call;
  const store = placeOf(host, call);
  const engine = await host.engine();
  const home = homeOf(host);
  const ports = engine.createPorts({ home, log });
  const secretsOf = (place: string): Secrets => createSecrets({ host, output, globals, store: place });
  const secrets = secretsOf(store);
  const holder = `coffer ${call.name}, process ${host.processId}, since ${formatTimeOfDay(host.clock.now())}`;

  const tryToOpen = (mode: 'read' | 'write', { beforeSecret, onSecret, known }: Hear): Promise<Vault> =>
    engine.openVault(ports, {
      store,
      mode,
      holder,
      signal: host.signal,
      acceptRollback: globals['accept-rollback'],
      waitForLock: globals.wait,
      secret: async (vault) => {
        beforeSecret?.();
        const found = known ?? (await secrets.find(vault));
        onSecret?.(found);
        return found.secret;
      },
    });
  const open: Session['open'] = async (mode, hear = {}) => {
    for (let attempt = 1; ; attempt++) {
      let used: FoundSecret | undefined;
      try {
        const vault = await tryToOpen(mode, {
          ...hear,
          onSecret(found) {
            used = found;
            hear.onSecret?.(found);
          },
        });
        for (const notice of vault.notices) output.note(notice);
        return vault;
      } catch (error) {
        afterWrongSecret(error, used, attempt, secrets, output);
      }
    }
  };
  return {
    host,
    output,
    engine,
    ports,
    secrets,
    agent: (options) =>
      host.attach({
        ...options,
        ...{ home, engine, log, passphraseFile: globals['passphrase-file'] },
        fullPath: (typed) => fullPath(host, typed),
      }),
    opensByPhrase: globals['recovery-phrase'],
    secretsOf,
    store,
    signal: host.signal,
    fullPath: (typed) => fullPath(host, typed),
    fullStore: (typed) => fullStore(host, typed),
    open,
    withVault: async (mode, work, hear) => {
      const vault = await open(mode, hear);
      try {
        return await work(vault);
      } finally {
        await vault.close();
      }
    },
  };
}

/** Says what to try next and returns, or throws what ends the command. */
export function afterWrongSecret(
  error: unknown,
  used: FoundSecret | undefined,
  attempt: number,
  secrets: Secrets,
  output: Output,
): void {
  const isWrong = isCofferError(error, 'secret.wrong') || isCofferError(error, 'phrase.invalid');
  if (!isWrong || used === undefined) throw error;
  if (used.source === 'keychain') {
    output.note('The passphrase in the system keychain does not open this vault.');
    if (secrets.canAsk) return;
  }
  const isOtherPhrase = used.secret.kind === 'phrase' && error.code === 'secret.wrong';
  const known = isOtherPhrase ? new CofferError('phrase.wrong', {}, error) : error;
  if (used.source !== 'person' || attempt === tries) throw known;
  output.note(`${describeError(known).what} Try again.`);
}

function placeOf(host: Host, { name, globals }: Call): string {
  const store = globals.store || host.environment.COFFER_STORE;
  if (!specOf(name).needsStore) return '';
  if (!store) throw usageError('No place was given: use --store DIR, or set COFFER_STORE.', name);
  return fullStore(host, store);
}

function fullStore(host: Host, typed: string): string {
  // Two letters at least: `C:\vault` is a folder.
  return /^[a-z][a-z0-9+.-]+:/i.test(typed) ? typed : fullPath(host, typed);
}

/** Shells leave the ~ of `--store=~/vault` as it is. */
function fullPath(host: Pick<Host, 'folder' | 'userHome'>, typed: string): string {
  if (typed === '~' || typed.startsWith('~/')) return join(host.userHome, typed.slice(1));
  return isAbsolute(typed) ? resolve(typed) : resolve(host.folder, typed);
}
