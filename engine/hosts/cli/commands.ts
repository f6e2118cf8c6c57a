import type { ExitName } from '../../base/index.ts';
import type { BareSession, Session } from './session.ts';
import type { CommandName, commandTable, GlobalValues, OptionsOf, ValuesOf } from './table/index.ts';

export type CallOf<Name extends CommandName> = {
  readonly arguments: readonly string[];
  readonly options: ValuesOf<OptionsOf<Name>>;
  readonly globals: GlobalValues;
};

type SessionOf<Name extends CommandName> = (typeof commandTable)[Name] extends { readonly bare: true }
  ? BareSession
  : Session;

export type Run<Name extends CommandName> = (session: SessionOf<Name>, call: CallOf<Name>) => Promise<ExitName>;
