/**
 * One line of a .gitignore, compiled. No regular expressions: a hostile pattern then costs at most length × length steps,
 * and names that hold lone surrogates need no care. A `?` stands for one character (git: one byte).
 */
export type Pattern = {
  readonly isNegated: boolean;
  readonly isForFolders: boolean;
  /** `name` is the last part of `path`. */
  matches(path: string, name: string): boolean;
};

type Part = (text: string) => boolean;
type Token = 'star' | ((character: string) => boolean);

/** The parts of a path; patterns that are asked about the same path can share one. */
export type Split = (path: string) => readonly string[];

/** Remembers the last path, so that many patterns split it once. */
export function createSplit(): Split {
  let last = '';
  let parts: readonly string[] = [''];
  return (path) => {
    if (path !== last) {
      parts = path.split('/');
      last = path;
    }
    return parts;
  };
}

/** Null for a line that says nothing: empty, a comment, or one that no name can match. */
export function compilePattern(line: string, split: Split): Pattern | null {
  let text = trimEnd(line);
  if (text.startsWith('#')) return null;
  const isNegated = text.startsWith('!');
  if (isNegated) text = text.slice(1);
  const isForFolders = text.endsWith('/');
  if (isForFolders) text = text.slice(0, -1);
  if (text === '' || text === '/') return null;
  const matches = text.includes('/') ? wholePath(text, split) : lastPart(text);
  return matches && { isNegated, isForFolders, matches };
}

/** Spaces at the end do not count unless the last is escaped. */
function trimEnd(line: string): string {
  const text = line.replace(/\r?\n$/, '').replace(/ +$/, '');
  const slashes = /\\*$/.exec(text)?.[0].length ?? 0;
  return slashes % 2 === 1 && text.length < line.length ? `${text} ` : text;
}

function lastPart(text: string): Pattern['matches'] | null {
  const part = compilePart(text);
  return part && ((_path, name) => part(name));
}

/** A slash at the start or in the middle ties the pattern to the root of the source. */
function wholePath(text: string, split: Split): Pattern['matches'] | null {
  const parts: (Part | 'any depth')[] = [];
  for (const piece of (text.startsWith('/') ? text.slice(1) : text).split('/')) {
    const part = piece === '**' ? 'any depth' : compilePart(piece);
    if (!part) return null;
    parts.push(part);
  }
  return (path) => matchParts(parts, split(path));
}

/**
 * Goes back only to the last `**`, which is enough: whatever an earlier one could take, the later one can too. At the end
 * a `**` is reached only with a name left: it means everything inside, not the folder itself.
 */
function matchParts(parts: readonly (Part | 'any depth')[], names: readonly string[]): boolean {
  let [part, name, backPart, backName] = [0, 0, -1, 0];
  while (name < names.length) {
    const wanted = parts[part];
    if (wanted === 'any depth') {
      backPart = ++part;
      backName = name;
    } else if (wanted?.(names[name] ?? '')) {
      part++;
      name++;
    } else if (backPart >= 0) {
      part = backPart;
      name = ++backName;
    } else return false;
  }
  return part === parts.length;
}

function compilePart(text: string): Part | null {
  if (!/[*?[\\]/.test(text)) return (name) => name === text;
  const ends = /^([^*?[\\]*)\*([^*?[\\]*)$/.exec(text);
  if (ends) {
    const [, start = '', end = ''] = ends;
    const lengthMin = start.length + end.length;
    return (name) => name.length >= lengthMin && name.endsWith(end) && name.startsWith(start);
  }
  const tokens = tokenize(Array.from(text));
  if (!tokens) return null;
  const [first] = tokens;
  // Most names differ from a pattern in their first character, and need not be taken apart.
  return (name) => (first === 'star' || startsWith(name, first)) && matchTokens(tokens, Array.from(name));
}

function startsWith(name: string, token: Exclude<Token, 'star'> | undefined): boolean {
  return token?.(String.fromCodePoint(name.codePointAt(0) ?? 0)) ?? false;
}

function matchTokens(tokens: readonly Token[], characters: readonly string[]): boolean {
  let [token, at, backToken, backAt] = [0, 0, -1, 0];
  while (at < characters.length) {
    const wanted = tokens[token];
    if (wanted === 'star') {
      backToken = ++token;
      backAt = at;
    } else if (wanted?.(characters[at] ?? '')) {
      token++;
      at++;
    } else if (backToken >= 0) {
      token = backToken;
      at = ++backAt;
    } else return false;
  }
  while (tokens[token] === 'star') token++;
  return token === tokens.length;
}

function tokenize(characters: readonly string[]): Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '*') {
      if (tokens.at(-1) !== 'star') tokens.push('star');
    } else if (character === '?') tokens.push(() => true);
    else if (character === '[') {
      const set = parseSet(characters, at + 1);
      if (!set) return null;
      tokens.push(set.holds);
      at = set.end;
    } else {
      const literal = character === '\\' ? characters[++at] : character;
      // A backslash at the end: git calls such a pattern invalid.
      if (literal === undefined) return null;
      tokens.push((given) => given === literal);
    }
  }
  return tokens;
}

const namedSets: Readonly<Record<string, RegExp>> = {
  alnum: /^[A-Za-z0-9]$/,
  alpha: /^[A-Za-z]$/,
  blank: /^[ \t]$/,
  digit: /^[0-9]$/,
  lower: /^[a-z]$/,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^\s$/,
  upper: /^[A-Z]$/,
  xdigit: /^[0-9A-Fa-f]$/,
};

/** `[...]` from after its bracket; null when it is not closed. */
function parseSet(
  characters: readonly string[],
  start: number,
): { holds: (given: string) => boolean; end: number } | null {
  let at = start;
  const isNegated = characters[at] === '!' || characters[at] === '^';
  if (isNegated) at++;
  const members: ((given: string) => boolean)[] = [];
  for (let isFirst = true; isFirst || characters[at] !== ']'; isFirst = false) {
    const named = /^\[:(\w+):\]/.exec(characters.slice(at, at + 12).join(''));
    if (named) {
      const set = namedSets[named[1] ?? ''];
      if (!set) return null;
      members.push((given) => set.test(given));
      at += named[0].length;
      continue;
    }
    const from = readMember(characters, at);
    if (!from) return null;
    at = from.next;
    let to = from;
    if (characters[at] === '-' && characters[at + 1] !== ']') {
      const last = readMember(characters, at + 1);
      if (!last) return null;
      to = last;
      at = last.next;
    }
    members.push((given) => codeOf(given) >= from.code && codeOf(given) <= to.code);
  }
  return { holds: (given) => members.some((member) => member(given)) !== isNegated, end: at };
}

function readMember(
  characters: readonly string[],
  at: number,
): { readonly code: number; readonly next: number } | null {
  const isEscaped = characters[at] === '\\';
  const character = characters[isEscaped ? at + 1 : at];
  return character === undefined ? null : { code: codeOf(character), next: at + (isEscaped ? 2 : 1) };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
