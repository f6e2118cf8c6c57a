/** Letters of an id that people see and type: enough to tell them apart in any vault a person can fill. */
export function shortName(id: string): string {
  return id.slice(0, 8);
}

/** A path or address as a shell takes it as one word, in lines that are made to be copied. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The person's home as ~, for reading; what is no path below it stays as it is. */
export function withTilde(path: string, home: string): string {
  if (path === home) return '~';
  return home !== '/' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
