/** A folder whose entries are being compared. */
export type Turn = {
  /** Whether it may ask for more files to be read; else it waits for `room`. */
  readonly hasRoom: boolean;
  room(): Promise<void>;
  /** Others may begin. */
  end(): void;
};

/** So many folders load what the vault has of them at once; they hand out files one after another all the same. */
const turnsMost = 8;

/**
 * Whose entries are compared next, by path, so that what lies together is stored together; and how far, because every file
 * that waits to be read costs memory, whether it lies in a folder of its own or in one with a million others.
 */
export function createTurns(hasRoom: () => boolean) {
  const waiting: { readonly path: string; readonly begin: () => void }[] = [];
  const paused: (() => void)[] = [];
  let active = 0;
  let isSorted = true;

  /** Lets one go on. Called whenever something may have changed. */
  const next = (): void => {
    if (!hasRoom()) return;
    const goOn = paused.shift();
    if (goOn !== undefined) return goOn();
    if (active === turnsMost || waiting.length === 0) return;
    if (!isSorted) waiting.sort((left, right) => (left.path < right.path ? 1 : -1));
    isSorted = true;
    active++;
    waiting.pop()?.begin();
  };
  const begin = (ended: () => void): Turn => {
    let isOpen = true;
    return {
      get hasRoom() {
        return hasRoom();
      },
      room: () => new Promise((resolve) => void paused.push(resolve)),
      end() {
        if (!isOpen) return;
        isOpen = false;
        active--;
        ended();
      },
    };
  };
  return {
    /** Nobody waits for anything. */
    get isEmpty() {
      return waiting.length + paused.length === 0;
    },
    /** And nobody is at it. */
    get isQuiet() {
      return active + waiting.length + paused.length === 0;
    },
    next,
    take: (path: string, ended: () => void): Promise<Turn> =>
      new Promise((resolve) => {
        waiting.push({ path, begin: () => resolve(begin(ended)) });
        isSorted = false;
      }),
  };
}
