import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Computer } from '../support/coffer.ts';
import { hasProgram, outsideTools } from '../support/outside.ts';

export type UsrFigures = {
  readonly files: number;
  readonly bytes: number;
  readonly backup: number;
  readonly restore: number;
};

/** Backs up real folders of the system, restores them, and compares by programs that are not ours. */
export async function roundTrip(
  computer: Computer,
  folders: readonly string[],
): Promise<{ figures: UsrFigures; differences: string[] }> {
  const saved = await computer.json<{ files: number; bytes: number; seconds: number; failed: number }>([
    'backup',
    ...folders,
  ]);
  const target = computer.at('target');
  const restored = await computer.json<{ seconds: number; failed: number; remarks: unknown[] }>([
    'restore',
    'latest',
    '--target',
    target,
  ]);
  const differences = [
    ...(saved.failed + restored.failed > 0 ? [`failed: ${saved.failed} saved, ${restored.failed} restored`] : []),
    ...restored.remarks.map((remark) => `remark: ${JSON.stringify(remark)}`),
    ...folders.flatMap((folder) => compare(folder, join(target, folder))),
  ];
  rmSync(target, { recursive: true, force: true });
  return {
    figures: { files: saved.files, bytes: saved.bytes, backup: saved.seconds, restore: restored.seconds },
    differences,
  };
}

function compare(source: string, restored: string): string[] {
  return outsideTools
    .filter(({ program }) => hasProgram(program))
    .flatMap(({ name, compare: by }) =>
      by(source, restored)
        .slice(0, 10)
        .map((line) => `${source} by ${name}: ${line}`),
    );
}
