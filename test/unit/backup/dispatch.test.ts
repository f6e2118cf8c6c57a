import { describe, expect, test } from 'vitest';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { createInlinePool } from '../../../engine/pool/index.ts';
import { type BackupJobs, createDispatch, type Dispatch } from '../../../engine/snapshot/backup/dispatch.ts';
import { emptyTally, type Listing } from '../../../engine/snapshot/backup/listing.ts';
import { rootNode } from '../../../engine/snapshot/backup/nodes.ts';
import type { ScanFolder, ScanInput } from '../../../engine/snapshot/backup/scan-job.ts';
import type { FileTask } from '../../../engine/snapshot/backup/tasks.ts';

const listingOf = ({ path }: ScanFolder): Listing => ({
  ...{ path, names: '', stats: new Float64Array(0), digest: new Uint8Array(0), seen: 0 },
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

type Scene = { readonly dispatch: Dispatch; readonly listed: string[] };

function setScene(onListing: (dispatch: Dispatch, path: string) => void = () => {}): Scene {
  const labour = {
    jobs: { scan: ({ folders }: ScanInput) => folders.map(listingOf), files: () => nothingRead },
    hear() {},
    end() {},
  };
  const pool = createInlinePool<BackupJobs, null>(() => labour, { size: 2, data: null, onEvent: () => {} });
  const scene: { dispatch: Dispatch; listed: string[] } = {
    listed: [],
    dispatch: createDispatch(
      pool,
      {
        listing({ path }) {
          scene.listed.push(path);
          onListing(scene.dispatch, path);
        },
        files() {},
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
      await dispatch.turn(path);
      compared.push(path);
    });
    expect(compared).toEqual([]);
    dispatch.allowReading();
    await Promise.all(turns);
    await dispatch.idle;
    expect(compared).toEqual(['/a', '/b', '/c', '/d']);
  });
});
