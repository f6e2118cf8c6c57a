type Environment = Readonly<Record<string, string | undefined>>;

/** Where COFFER_HOME is when nobody says; bin/coffer knows the same places for its compile cache. */
export function defaultHome(platform: string, environment: Environment, userHome: string): string {
  if (platform === 'win32') return `${environment['LOCALAPPDATA'] || `${userHome}\\AppData\\Local`}\\Coffer`;
  if (platform === 'darwin') return `${userHome}/Library/Application Support/Coffer`;
  return `${environment['XDG_DATA_HOME'] || `${userHome}/.local/share`}/coffer`;
}
