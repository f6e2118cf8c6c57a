import type { ExitName } from '../../base/index.ts';
import type { Session } from './session.ts';
import type { CommandName, GlobalValues, OptionsOf, ValuesOf } from './table/index.ts';

export type CallOf<Name extends CommandName> = {
  readonly arguments: readonly string[];
  readonly options: ValuesOf<OptionsOf<Name>>;
  readonly globals: GlobalValues;
};

export type Run<Name extends CommandName> = (session: Session, call: CallOf<Name>) => Promise<ExitName>;
