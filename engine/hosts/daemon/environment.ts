import type { BareSession } from '../cli/session.ts';

type Environment = BareSession['host']['environment'];

/** `--passphrase-file` is how a command says it; an agent that is started again and again reads it from its environment. */
export function withPassphraseFile(
  { host, fullPath }: Pick<BareSession, 'host' | 'fullPath'>,
  file: string | undefined,
): Environment {
  return file === undefined ? host.environment : { ...host.environment, COFFER_PASSPHRASE_FILE: fullPath(file) };
}

/** What the processes of an agent are started with; they have a current folder of their own. */
export function environmentOfAgent(
  session: Pick<BareSession, 'host' | 'fullPath' | 'home'>,
  file: string | undefined,
): Environment {
  const environment = withPassphraseFile(session, file);
  const named = environment.COFFER_PASSPHRASE_FILE;
  return {
    ...environment,
    COFFER_HOME: session.home,
    ...(named ? { COFFER_PASSPHRASE_FILE: session.fullPath(named) } : {}),
  };
}
