import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { createInlinePool } from '../../../engine/pool/index.ts';
import { type BackupJobs, createDispatch, type Dispatch } from '../../../engine/snapshot/backup/dispatch.ts';
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
const taskOf = (path: string): FileTask => ({
  node,
  path,
  name: path.slice(1),
  stat: { ...stat, kind: 'file', size: 1 },
});
const nothingRead = {
  ...{ stats: new Float64Array(0), chunks: new Int32Array(0), ids: new Uint8Array(0) },
  ...{ newBytes: 0, readBytes: 0, remarks: [] },
};

type Scene = { readonly dispatch: Dispatch; readonly listed: string[]; read: number };

function setScene(
  onListing: (dispatch: Dispatch, path: string) => void = () => {},
  stats = new Float64Array(0),
): Scene {
  const labour = {
    jobs: { scan: ({ folders }: ScanInput) => folders.map((one) => listingOf(one, stats)), files: () => nothingRead },
    hear() {},
    end() {},
  };
  const pool = createInlinePool<BackupJobs, null>(() => labour, { size: 2, data: null, onEvent: () => {} });
  const scene: { dispatch: Dispatch; listed: string[]; read: number } = {
    listed: [],
    read: 0,
    dispatch: createDispatch(
      pool,
      {
        listing({ path }) {
          scene.listed.push(path);
          onListing(scene.dispatch, path);
        },
        files(tasks) {
          scene.read += tasks.length;
        },
        bigFile: async () => {},
      },
      () => {},
    ),
  };
  return scene;
}

describe('what is done next in a pass', () => {
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
