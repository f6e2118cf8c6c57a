import { isCofferError, limits, vaultId } from '../base/index.ts';
import type { Reason } from '../contract/index.ts';
import { historyMark, readVaultId } from '../repository/index.ts';
import { demandPlace } from './answers.ts';
import type { Core } from './core.ts';
import type { Keeper } from './keeper.ts';
import { tryAgain } from './try-again.ts';

/**
 * What keeps runs from a place may end without a word: a drive is plugged in, a keychain is unlocked after signing in, a
 * passphrase file is put where it belongs, a vault that went back is put right or accepted. So it is looked for again and again.
 */
export type Returning = {
  look(): Promise<void>;
  /** The world may be another one: no wait counts that was begun before. */
  woke(): void;
};

/** Each look at a keychain may ask the person, so the looks become rare. */
const secretFirstMs = 10_000;
const secretMostMs = 60 * 60_000;
const secretFactor = 3;
const driveMs = limits.agentTickMs / 5;
/** A listing of names each time; a person who has put it right waits for that. */
const historyMs = 10_000;

/** Without one, another look may find it; of a passphrase that is wrong it finds the same again. */
const secretErrors = new Set(['secret.missing', 'secret.fileShared', 'secret.fileNotOwn', 'secret.fileUnreadable']);

export function createReturning(core: Core): Returning {
  const histories = new WeakMap<Keeper, string>();
  let waits = new WeakMap<Keeper, { readonly untilMs: number; readonly nextMs: number }>();
  const { clock } = core.ports;

  /** False while it is waited for. */
  const isTime = (keeper: Keeper, firstMs: number, factor: number): boolean => {
    const now = clock.monotonic();
    const known = waits.get(keeper);
    if (known !== undefined && now < known.untilMs) return false;
    const waitMs = known?.nextMs ?? firstMs;
    waits.set(keeper, { untilMs: now + waitMs, nextMs: Math.min(secretMostMs, waitMs * factor) });
    return true;
  };
  const isBack = async (keeper: Keeper): Promise<boolean> => {
    const { trouble } = keeper;
    if (isAway(trouble)) return isTime(keeper, driveMs, 1) && (await isThere(core, keeper));
    if (trouble?.code === 'risk.vaultOlder')
      return isTime(keeper, historyMs, 1) && (await hasOtherHistory(core, keeper, histories));
    const mayOpen = trouble?.code === 'attention.locked' && secretErrors.has(String(trouble.context['error']));
    return mayOpen && isTime(keeper, secretFirstMs, secretFactor) && (await hasSecret(core, keeper));
  };
  return {
    async look() {
      for (const keeper of core.keepers) {
        tryAgain(core, keeper);
        const { trouble } = keeper;
        if (trouble === null) waits.delete(keeper);
        if (!(await isBack(keeper)) || keeper.trouble !== trouble) continue;
        waits.delete(keeper);
        keeper.trouble = null;
        keeper.lastRun = null;
        if (isAway(trouble)) core.tell('placeBack', { place: keeper.place.url });
      }
    },
    woke() {
      waits = new WeakMap();
    },
  };
}

/** Also while another drive is where it was. */
const isAway = (trouble: Reason | null): boolean =>
  trouble?.code === 'wait.placeMissing' ||
  trouble?.code === 'wait.placeHangs' ||
  trouble?.context.error === 'vault.another';

/** The vault's id proves that it is the one. */
async function isThere({ ports }: Core, { place }: Keeper): Promise<boolean> {
  try {
    await demandPlace(ports, place.url);
    return (await readVaultId(ports, place.url)) === place.vault;
  } catch {
    return false; // whatever is wrong with it, it is not there for a run
  }
}

/** True the first time too: what changed between the run that noticed it and this look was not seen by either. */
async function hasOtherHistory({ ports }: Core, keeper: Keeper, known: WeakMap<Keeper, string>): Promise<boolean> {
  try {
    await demandPlace(ports, keeper.place.url);
    const mark = await historyMark(ports, keeper.place.url, vaultId(keeper.place.vault));
    const isOther = known.get(keeper) !== mark;
    known.set(keeper, mark);
    return isOther;
  } catch (error) {
    if (!isCofferError(error)) throw error;
    return false; // the place is away; the next look may find it
  }
}

async function hasSecret({ ports, keyring }: Core, { place }: Keeper): Promise<boolean> {
  try {
    await demandPlace(ports, place.url);
    const vault = await readVaultId(ports, place.url);
    return vault === place.vault && (await keyring.find(vault, place.url)) !== null;
  } catch {
    return false; // the next look may find more
  }
}
