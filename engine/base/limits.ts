/** Every limit of the engine, with its reason. Bytes unless the name says otherwise. */
const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** What a person may limit sending to, in bytes a second: with less no first backup would come to an end. */
  bandwidthLeast: 10_000,
  /** A pack, padding included: the largest object every kind of place takes in one request without multipart. */
  packBytes: 16 * MiB,
  /** What a pack is filled with at most: of a million tiny files it would name hundreds of thousands, and all at once be lost or read. */
  packChunks: 16_384,
  /** Raw bytes of a piece: twice the default largest chunk, so that other chunker settings fit. */
  pieceRawBytes: 8 * MiB,
  /** Chunks below this are gathered into bundles; what is larger gains little from company when it does not compress. */
  bundleChunkBytes: 128 * KiB,
  /** A bundle closes here: a single small file is read with at most this much. */
  bundleBytes: 512 * KiB,
  /** Larger chunks that compress are compressed so much at a time: 4 % smaller than each by itself, and as quick. */
  gatherBytes: 1536 * KiB,
  /** Plaintext of a sealed object (index, snapshot, config): bounds memory on hostile input. */
  sealedRawBytes: 256 * MiB,
  /** Plaintext of a log entry: a sweep mark names at most two million packs. */
  logRawBytes: 64 * MiB,
  /** A key's label: a line for people, which every reader of the slot must be able to hold. */
  slotLabelBytes: 200,
  /** Key slots that are tried: each passphrase slot costs a third of a second. */
  slots: 64,
  /** One directory's listing: about ten million entries. */
  treeBytes: 1024 * MiB,
  /** Depth of folders: more than any file system's path limit allows on purpose. */
  pathDepth: 4096,
  /** Failures listed by name in a snapshot; all are counted. More than a person reads, and no burden to each later reading. */
  failuresListed: 1000,
  /** Files that a bounded run has left for the next one, by name: so many are told why and when. All are counted. */
  deferredListed: 1000,
  /** New directory bytes after which an index object is written: a crash then costs at most this much re-reading. */
  indexBytes: 4 * MiB,
  /** Changes this short before a run may leave the same times behind as a change right after it (FAT keeps 2 s). */
  racyMs: 2100,
  /** Attempts to read a file that changes meanwhile: what does not hold still for three is being written all the time. */
  changedFileTries: 3,
  /** Bytes that a restore may be ahead of what is durable: what a power cut makes it do again. */
  restoreBatchBytes: 1024 * MiB,
  /** Days a restore can be undone: what it replaced is kept so long, and takes space. */
  undoDays: 7,
  /** Ranges of one pack that lie closer than this are read in one go: a request costs more than so many bytes. */
  readGapBytes: 256 * KiB,
  /** The most that is read in one go: each thread holds one such range in memory. */
  readRangeBytes: 8 * MiB,
  /** Entries of a chain of refs objects before a full list is written again: whoever reads the last one reads them all. */
  refsDepth: 63,
  /** How long changes of files are gathered before they are looked at: what one program does in one go is told in one go. */
  watchTurnMs: 20,
  /** The longest that watching keeps the agent's thread, which also answers whoever asks it something. */
  watchSliceMs: 10,
  /** How often a watched root is looked for: an unplugged drive is noticed within this, for one `lstat`. */
  watchPollMs: 5000,
  /** Rest after lost events before folders are listened to again: the changes that flooded them are mostly over then. */
  watchRestMs: 1000,
  /** Events that the kernel keeps for a process: the default of Linux, taken where it does not say. */
  watchQueueEvents: 16_384,
  /** Names that wait for a look at once; more count as lost events, so that memory is bounded while folders are walked. */
  watchNames: 65_536,
  /** Dirty folders of a source that are kept apart: a run over more reads no less than one over everything. */
  dirtyFolders: 4096,
  /** A message between a face and the agent: thousands of failed files by name, and no burden to hold. */
  messageBytes: 4 * MiB,
  /** Calls of one connection that are under way at once: more than a window asks for, fewer than harm. */
  callsAtOnce: 256,
  /** What one connection may listen to at once. */
  listeners: 64,
  /** Faces that are connected at once; each may make the agent hold a message. */
  connections: 64,
  /** Activities kept for a face that does not read; the whole list is in the journal. */
  activitiesWaiting: 100,
  /** What lies between two patches of the state: ten a second are as many as a person sees. */
  patchGapMs: 100,
  /** How long an agent may take to greet; longer, and it is stuck or stopped. */
  greetingMs: 5000,
  /** What faces that are slow get to read their last answers when the agent ends. */
  farewellMs: 500,
  /** Entries of the activity log: some months of an agent that runs every quarter of an hour. By number, since clocks jump. */
  activityKept: 10_000,
  /** Problems stay in the activity log beyond that: what went wrong last year still explains something. */
  problemsKept: 1_000,
  /** Runs remembered for each place: three weeks of one every quarter of an hour; the vault's snapshots go back further. */
  runsKept: 2_000,
  /** Objects up to this go in the quick lane of the upload queue, which big ones cannot block: a second on a slow line. */
  quickObjectBytes: 1 * MiB,
  /** The longest wait between two tries of an upload; whoever fails for longer is tried again by the next run. */
  retryDelayMostMs: 64_000,
  /** Sealed objects that wait for a far place: what a slow line sends in some hours, and no burden on any disk. */
  spoolBytes: 1024 * MiB,
  /** What the spool leaves free on its disk: people must be able to go on working while a place is slow. */
  spoolSpareBytes: 2048 * MiB,
  /** Sealed packs on their way to the store beyond which nothing is read: their bytes are on the disk twice by then. */
  sealedWaitingBytes: 256 * MiB,
  /** What a question to a far place may take: people wait for it, and slow places take seconds. */
  requestMs: 30_000,
  /** The slowest line that is taken for one: a pack then takes a quarter of an hour, and what is slower counts as stuck. */
  lineBytesPerSecondLeast: 16 * KiB,
  /** The agent looks at everything at least so often: what nobody tells (a drive is back, a clock was set) is found then. */
  agentTickMs: 5_000,
  /**
   * An agent that says nothing for so long is ended. A disk that spins up takes ten seconds, one with a bad spot up to three
   * minutes until it says so.
   */
  hangMs: 180_000,
  /** What Argon2id may cost; slots come from an untrusted store. */
  argonMemoryKiB: { min: 64 * KiB, max: 256 * KiB },
  argonPasses: { min: 3, max: 16 },
} as const;
