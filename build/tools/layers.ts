import { dirname, join, normalize } from 'node:path/posix';
import type ts from 'typescript';
import { findCycles } from './cycles.ts';
import { readGlobals, readImports } from './imports.ts';
import {
  globals,
  isWorkerEntry,
  mayOpenRooms,
  modules,
  type Restriction,
  type Room,
  restrictedPath,
  rooms,
} from './layer-table.ts';
import {
  type Finding,
  isCode,
  lineOf,
  listFiles,
  parse,
  readSources,
  reportAndExit,
  type SourceFile,
} from './project.ts';

/** Checks imports, modules and globals of every code file under `root` against the layer table. */
export function checkLayers(root: string): Finding[] {
  const files = readSources(root, listFiles(root).filter(isCode));
  const edges = new Map<string, string[]>();
  const findings = files.flatMap((file) => checkFile(file, edges));
  return [...findings, ...findCycles(edges).map(describeCycle)];
}

function roomOf(path: string): Room | undefined {
  return rooms.filter((room) => path.startsWith(room.path)).sort((a, b) => b.path.length - a.path.length)[0];
}

function checkFile(file: SourceFile, edges: Map<string, string[]>): Finding[] {
  const source = parse(file);
  const findings: Finding[] = [];
  const add = (node: ts.Node, message: string | undefined): void => {
    if (message !== undefined) findings.push({ file: file.path, line: lineOf(source, node), level: 'error', message });
  };
  if (file.path.startsWith('engine/') && roomOf(file.path) === undefined) {
    add(source, 'this room has no row in build/tools/layer-table.ts. Say there whom it may know, and why.');
  }
  for (const { node, specifier, startsThread } of readImports(source)) {
    if (specifier.startsWith('.')) {
      const target = normalize(join(dirname(file.path), specifier));
      if (!startsThread) edges.set(file.path, [...(edges.get(file.path) ?? []), target]);
      add(node, judgeImport(file.path, target));
    } else {
      add(node, judgePackage(file.path, specifier));
    }
  }
  for (const { node, name } of readGlobals(source)) {
    add(
      node,
      judgeRestriction(
        file.path,
        name,
        globals.find((row) => namesGlobal(row, name)),
      ),
    );
  }
  return findings;
}

/** What is wrong with `from` importing `target`, in words; undefined when nothing is. */
function judgeImport(from: string, target: string): string | undefined {
  const here = roomOf(from);
  const there = roomOf(target);
  if (here === undefined || here === there) return undefined;
  if (there === undefined) {
    if (!target.startsWith('engine/')) return undefined;
    return `${target} is in no room. Add a row to build/tools/layer-table.ts.`;
  }
  if (!here.mayUse.includes(there.name)) {
    const known = here.mayUse.length === 0 ? 'nothing else of ours' : here.mayUse.join(', ');
    return `${here.name} may not import ${there.name}: ${here.reason}. Instead: ${here.instead}. (It knows ${known}.)`;
  }
  const isInner = !there.path.endsWith('.ts') && target !== `${there.path}index.ts` && target.startsWith('engine/');
  if (isInner && !mayOpenRooms.has(here.name) && !isWorkerEntry(from)) {
    return (
      `${target} is an inner file of ${there.name}: a room changes freely behind its index.ts. ` +
      `Instead: import from ${there.path}index.ts, and list there what others may use.`
    );
  }
  return undefined;
}

function judgePackage(path: string, specifier: string): string | undefined {
  const room = roomOf(path);
  if (room?.nodeOnly === true && !specifier.startsWith('node:')) {
    return `${room.name} may not import ${specifier}: ${room.reason}. Instead: ${room.instead}.`;
  }
  return judgeRestriction(
    path,
    specifier,
    modules.find((row) => namesModule(row, specifier)),
  );
}

function judgeRestriction(path: string, name: string, row: Restriction | undefined): string | undefined {
  if (row === undefined || !path.startsWith(restrictedPath)) return undefined;
  if (row.only.some((prefix) => path.startsWith(prefix))) return undefined;
  const only = row.only.length === 0 ? 'never in the engine' : `only in ${row.only.join(', ')}`;
  return `${name} is allowed ${only}: ${row.reason}. Instead: ${row.instead}.`;
}

function namesModule(row: Restriction, specifier: string): boolean {
  return row.names.some((name) => {
    const bare = name.replace(/^node:/, '');
    return [name, bare].some((known) => specifier === known || specifier.startsWith(`${known}/`));
  });
}

function namesGlobal(row: Restriction, name: string): boolean {
  return row.names.some((known) => known === name || (known.endsWith('.*') && name.startsWith(known.slice(0, -1))));
}

function describeCycle(cycle: readonly string[]): Finding {
  const [first = ''] = cycle;
  const message =
    `these files import each other in a circle: ${[...cycle, first].join(' → ')}. No order of reading or loading ` +
    'is right for them. Instead: move what they share into a file of its own, or pass it in as a parameter.';
  return { file: first, line: 1, level: 'error', message };
}

if (import.meta.main) reportAndExit('layers', checkLayers(process.cwd()));
