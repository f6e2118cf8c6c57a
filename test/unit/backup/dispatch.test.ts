import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { createInlinePool } from '../../../engine/pool/index.ts';
import {
  type BackupJobs,
  type Bound,
  createDispatch,
  type Dispatch,
} from '../../../engine/snapshot/backup/dispatch.ts';
import { emptyTally, type Listing } from '../../../engine/snapshot/backup/listing.ts';
import { rootNode } from '../../../engine/snapshot/backup/nodes.ts';
import type { ScanFolder, ScanInput } from '../../../engine/snapshot/backup/scan-job.ts';
import type { FileTask } from '../../../engine/snapshot/backup/tasks.ts';

const listingOf = ({ path }: ScanFolder, stats: Float64Array): Listing => ({
  ...{ path, names: '', stats, digest: new Uint8Array(0), seen: 0 },
  ...{ tally: emptyTally(), leftOut: [], failures: [], failed: null },
});
const folder = (path: string): ScanFolder => ({ path, relative: '', source: 0 });

const stat = createSimulatedFileSystem({ seed: 1 }).lstat('/');
const node = rootNode({ ...{ path: '/', name: '', relative: '', source: 0, depth: 0 }, parent: null, stat });
const taskOf = (path: string, size = 1): FileTask => ({
  node,
  path,
  name: path.slice(1),
  stat: { ...stat, kind: 'file', size },
  earlier: null,
});
const nothingRead = {
  ...{ stats: new Float64Array(0), chunks: new Int32Array(0), ids: new Uint8Array(0) },
  ...{ newBytes: 0, readBytes: 0, remarks: [] },
};

type Scene = {
  readonly dispatch: Dispatch;
  readonly listed: string[];
  /** Paths of files, in the order in which they were begun, or deferred. */
  readonly order: string[];
  readonly deferred: string[];
  read: number;
  mayRead: boolean;
};

function setScene(
  onListing: (dispatch: Dispatch, path: string) => void = () => {},
  stats = new Float64Array(0),
  bound: Bound = { isUp: () => false, isBegun: () => false },
): Scene {
  const labour = {
    jobs: { scan: ({ folders }: ScanInput) => folders.map((one) => listingOf(one, stats)), files: () => nothingRead },
    hear() {},
    end() {},
  };
  const pool = createInlinePool<BackupJobs, null>(() => labour, { size: 2, data: null, onEvent: () => {} });
  const scene: Scene = {
    ...{ listed: [], order: [], deferred: [] },
    read: 0,
    mayRead: true,
    dispatch: createDispatch(
      pool,
      {
        listing({ path }) {
          scene.listed.push(path);
          onListing(scene.dispatch, path);
        },
        files(tasks) {
          scene.read += tasks.length;
          for (const { path } of tasks) scene.order.push(path);
        },
        async bigFile({ path }) {
          await setImmediate(); // what was begun before has been read by then
          scene.order.push(path);
        },
        deferred: ({ path }) => void scene.deferred.push(path),
        mayRead: () => scene.mayRead,
      },
      () => {},
      bound,
    ),
  };
  return scene;
}

describe('what is done next in a pass', () => {
  test('nothing is read while sealed packs pile up, and folders are scanned all the same', async () => {
    const scene = setScene((dispatch) => {
      dispatch.read(taskOf('/small'));
      dispatch.read(taskOf('/big', 50e6));
    });
    scene.mayRead = false;
    scene.dispatch.scan([folder('/')]);
    scene.dispatch.allowReading();
    await setImmediate();
    await setImmediate();
    expect([scene.listed, scene.order]).toEqual([['/'], []]);
    scene.mayRead = true;
    scene.dispatch.look();
    await scene.dispatch.idle;
    expect(scene.order.toSorted()).toEqual(['/big', '/small']);
  });

  test('folders are scanned in the order of their paths, and what lies in one before the next', async () => {
    const scene = setScene((dispatch, path) => {
      // As the assembly gives them: the last one first.
      if (path === '/') dispatch.scan([folder('/b'), folder('/a')]);
      if (path === '/a') dispatch.scan([folder('/a/2'), folder('/a/1')]);
    });
    scene.dispatch.scan([folder('/')]);
    await scene.dispatch.idle;
    expect(scene.listed.indexOf('/a')).toBeLessThan(scene.listed.indexOf('/b'));
    expect(scene.listed.indexOf('/a/1')).toBeLessThan(scene.listed.indexOf('/a/2'));
  });

  test('folders that wait to be compared come by their paths, not as they were found', async () => {
    const compared: string[] = [];
    const { dispatch } = setScene();
    // As many files as may wait to be read: nothing is compared before some of them are.
    for (let file = 0; file < 1_536; file++) dispatch.read(taskOf(`/file-${file}`));
    const turns = ['/c', '/a', '/d', '/b'].map(async (path) => {
      const turn = await dispatch.turn(path);
      compared.push(path);
      turn.end();
    });
    expect(compared).toEqual([]);
    dispatch.allowReading();
    await Promise.all(turns);
    await dispatch.idle;
    expect(compared).toEqual(['/a', '/b', '/c', '/d']);
  });

  test('few files wait to be read, however many folders there are and however full one is', async () => {
    const scene = setScene();
    const { dispatch } = scene;
    const release = dispatch.hold();
    dispatch.allowReading();
    let asked = 0;
    let most = 0;
    const turns = Array.from({ length: 60 }, async (_, number) => {
      const turn = await dispatch.turn(`/folder-${number}`);
      for (let file = 0; file < (number === 7 ? 20_000 : 300); file++) {
        dispatch.read(taskOf(`/folder-${number}/file-${file}`));
        most = Math.max(most, ++asked - scene.read);
        if (!turn.hasRoom) await turn.room();
      }
      turn.end();
    });
    await Promise.all(turns);
    release();
    await dispatch.idle;
    expect(scene.read).toBe(asked);
    expect(most).toBeLessThan(1_600);
  });

  const MiB = 1024 * 1024;

  test('big files begin when nothing else is left to read, the smaller ones first', async () => {
    const { dispatch, order } = setScene((scene, path) => {
      if (path === '/') {
        scene.read(taskOf('/huge', 900 * MiB));
        scene.read(taskOf('/big', 40 * MiB));
        scene.scan([folder('/below')]);
      }
      if (path === '/below') {
        scene.read(taskOf('/below/middling', 20 * MiB));
        scene.read(taskOf('/below/small'));
      }
    });
    dispatch.scan([folder('/')]);
    dispatch.allowReading();
    await dispatch.idle;
    expect(order.toSorted()).toEqual(['/below/middling', '/below/small', '/big', '/huge']);
    expect(order.slice(2)).toEqual(['/big', '/huge']);
  });

  test('of big files those that an earlier run has begun come first', async () => {
    const isBegun = (path: string): boolean => path === '/huge';
    const { dispatch, order } = setScene(() => {}, undefined, { isBegun, isUp: () => false });
    const release = dispatch.hold();
    dispatch.allowReading();
    for (const [path, size] of Object.entries({ '/a': 50, '/huge': 900, '/b': 40 }))
      dispatch.read(taskOf(path, size * MiB));
    release();
    await dispatch.idle;
    expect(order).toEqual(['/huge', '/b', '/a']);
  });

  test('so many big files that they would fill the memory begin although others are still being found', async () => {
    const { dispatch, order } = setScene();
    const release = dispatch.hold();
    dispatch.allowReading();
    const turn = await dispatch.turn('/');
    let most = 0;
    for (let file = 0; file < 4_000; file++) {
      dispatch.read(taskOf(`/big-${file}`, 100 * MiB));
      most = Math.max(most, file + 1 - order.length);
      if (!turn.hasRoom) await turn.room();
    }
    turn.end();
    release();
    await dispatch.idle;
    expect(order.length).toBe(4_000);
    expect(most).toBeLessThanOrEqual(2_050);
  });

  test('once the time is over nothing more is read, and the run comes to its end', async () => {
    let isUp = false;
    const { dispatch, order, deferred } = setScene(
      (scene, path) => {
        if (path === '/late') scene.read(taskOf('/late/found'));
      },
      undefined,
      { isBegun: () => false, isUp: () => isUp },
    );
    const release = dispatch.hold();
    dispatch.allowReading();
    for (let file = 0; file < 300; file++) dispatch.read(taskOf(`/file-${file}`));
    dispatch.read(taskOf('/big', 100 * MiB));
    isUp = true;
    dispatch.scan([folder('/late')]);
    release();
    await dispatch.idle;
    expect(order.length + deferred.length).toBe(302);
    expect(deferred).toContain('/big');
    expect(deferred).toContain('/late/found');
    expect(dispatch.isOver()).toBe(true);
  });

  test('not all is listed while somebody still types a passphrase', async () => {
    const { dispatch, listed } = setScene(
      (scene, path) => {
        const number = Number(path.slice(1));
        if (number < 500) scene.scan([folder(`/${number + 1}`)]);
      },
      new Float64Array(15 * 1_000),
    );
    const release = dispatch.hold();
    dispatch.scan([folder('/0')]);
    await setTimeout(300);
    expect(listed.length).toBe(200);
    dispatch.allowReading();
    release();
    await dispatch.idle;
    expect(listed.length).toBe(501);
  });
});
