import { CofferError, systemCode, toHex } from '../../base/index.ts';
import {
  type FileLock,
  joinPath,
  makeFolders,
  nameBytes,
  nameFromBytes,
  readWhole,
  withLongPaths,
  writeFileAtomic,
} from '../../filesystem/index.ts';
import type { Ports } from '../../repository/index.ts';
import { createRest, type Rest } from './rest.ts';

/** Where one drill restores to. Nobody else may look into it, and nothing of it stays. */
export type DrillRoom = {
  /** For the restored files; empty, mode 0700. */
  readonly files: string;
  /** What a restore keeps for itself stands here, so that no person is offered to take a drill back. */
  readonly home: string;
  remove(): Promise<void>;
};

type Reaching = ReturnType<typeof withLongPaths>;

const prefix = 'coffer-drill-';
const drillsOf = (home: string): string => joinPath(home, 'drills');

/**
 * Noted before it is made, so that the next drill finds what a crash has left, wherever it is:
 *
 *     COFFER_HOME/drills/<id>/   lock (held while the drill lives) · where (the folder's path) · home
 */
export async function makeRoom(ports: Ports, folder: string | null): Promise<DrillRoom> {
  const fileSystem = withLongPaths(ports.fileSystem);
  const id = toHex(ports.random.bytes(8));
  const record = joinPath(drillsOf(ports.home), id);
  makeFolders(fileSystem, record);
  const lock = fileSystem.lock(joinPath(record, 'lock'));
  if (lock === null) throw new CofferError('home.unusable', { path: record, detail: 'its lock is held' });
  const files = joinPath(folder ?? record, `${prefix}${id}`);
  const remove = (): Promise<void> => removeRoom(fileSystem, { ...ports, record, files, lock });
  try {
    writeFileAtomic(fileSystem, joinPath(record, 'where'), nameBytes(files));
    if (folder !== null) makeTarget(fileSystem, folder);
    makeTarget(fileSystem, files);
  } catch (error) {
    await remove();
    throw error;
  }
  return { files, home: joinPath(record, 'home'), remove };
}

function makeTarget(fileSystem: Reaching, path: string): void {
  try {
    if (fileSystem.lstatIfThere(path) === null) fileSystem.makeFolder(path, 0o700);
  } catch (error) {
    const code = systemCode(error);
    throw code === '' ? error : new CofferError('target.unusable', { path, detail: code }, error);
  }
}

/** What drills left that were killed. A drill that still runs holds its lock. */
export async function removeLeftRooms(ports: Ports): Promise<void> {
  const fileSystem = withLongPaths(ports.fileSystem);
  const drills = drillsOf(ports.home);
  if (fileSystem.lstatIfThere(drills) === null) return;
  for (const id of fileSystem.list(drills)) {
    const record = joinPath(drills, id);
    const lock = lockIfThere(fileSystem, joinPath(record, 'lock'));
    if (lock === null) continue;
    const where = readWhole(fileSystem, joinPath(record, 'where'));
    const files = where === null ? null : nameFromBytes(where);
    // Only what a drill has named and made is removed.
    const isOwn = files?.endsWith(`/${prefix}${id}`) === true;
    await removeRoom(fileSystem, { ...ports, record, files: isOwn ? files : null, lock });
  }
}

/** Another drill may be clearing up too. */
function lockIfThere(fileSystem: Reaching, path: string): FileLock | null {
  try {
    return fileSystem.lock(path);
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return null;
  }
}

type Left = Pick<Ports, 'clock' | 'log'> & {
  readonly record: string;
  /** Null where none was made. */
  readonly files: string | null;
  readonly lock: FileLock;
};

/** Files first: as long as any is left, the record says where. */
async function removeRoom(fileSystem: Reaching, { record, files, lock, clock, log }: Left): Promise<void> {
  const rest = createRest(clock);
  try {
    const isThere = files === null || isReachable(fileSystem, files);
    if (files !== null && isThere) await removeTree(fileSystem, files, rest);
    if (isThere) await removeTree(fileSystem, record, rest);
  } catch (error) {
    if (systemCode(error) === '') throw error;
    log.warn('what a drill restored could not be removed; the next drill tries again', { path: files ?? record });
  } finally {
    lock.release();
    fileSystem.letGo();
  }
}

/** False where the drive it was on is away. */
function isReachable(fileSystem: Reaching, files: string): boolean {
  return fileSystem.lstatIfThere(files.slice(0, files.lastIndexOf('/')) || '/') !== null;
}

/** Everything below, whatever its permissions are; links are removed and never followed. */
async function removeTree(fileSystem: Reaching, top: string, rest: Rest): Promise<void> {
  const stat = fileSystem.lstatIfThere(top);
  if (stat === null) return;
  if (stat.kind !== 'folder') return fileSystem.removeFile(top);
  const stack: { readonly path: string; isOpened: boolean }[] = [{ path: top, isOpened: false }];
  for (let step = stack.at(-1); step !== undefined; step = stack.at(-1)) {
    if (step.isOpened) {
      fileSystem.removeFolder(step.path);
      stack.pop();
      continue;
    }
    step.isOpened = true;
    fileSystem.setMode(step.path, 0o700);
    for (const name of fileSystem.list(step.path)) {
      const path = joinPath(step.path, name);
      if (fileSystem.lstat(path).kind === 'folder') stack.push({ path, isOpened: false });
      else fileSystem.removeFile(path);
      const pause = rest.take();
      if (pause !== null) await pause;
    }
  }
}
