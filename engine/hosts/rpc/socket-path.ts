import { join } from 'node:path';

export type SocketEnvironment = {
  readonly platform: string;
  /** -1 where users have no numbers. */
  readonly userId: number;
  /** XDG_RUNTIME_DIR. */
  readonly runtimeFolder: string | undefined;
  readonly temporaryFolder: string;
};

/** Linux takes 107 bytes, others 103. */
const pathBytes = 100;

/** Where Windows keeps names that are no files. */
const pipes = '\\\\.\\pipe\\';

export const isNamedPipe = (path: string): boolean => path.startsWith(pipes);

/**
 * Where the agent of this COFFER_HOME listens: in it, or, where the path is longer than the system takes, in a folder of this
 * user alone under a name that every program derives from `home` in the same way.
 */
export function socketPathOf(home: string, environment: SocketEnvironment): string {
  const { platform, userId, runtimeFolder, temporaryFolder } = environment;
  const name = nameOf(home);
  if (platform === 'win32') return `${pipes}coffer-${name}`;
  const paths = [
    join(home, 'agent.sock'),
    ...(runtimeFolder ? [join(runtimeFolder, 'coffer', `${name}.sock`)] : []),
    join(temporaryFolder, `coffer-${userId}`, `${name}.sock`),
  ];
  // A name with bytes that are no UTF-8 cannot be given to Node's sockets.
  const usable = paths.find((path) => path.isWellFormed() && Buffer.byteLength(path) <= pathBytes);
  return usable ?? `/tmp/coffer-${userId}/${name}.sock`;
}

/** FNV-1a with 64 bits: it keeps the homes of one user apart, and protects nothing. */
function nameOf(home: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < home.length; at++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(home.charCodeAt(at))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
