/** The engine as the hosts use it: loaded when a command needs it, replaced by another in tests. */
type Whole = typeof import('../index.ts');

export type Engine = Pick<
  Whole,
  | 'addPassphrase'
  | 'addRecoveryPhrase'
  | 'backup'
  | 'changePassphrase'
  | 'checkVault'
  | 'createPorts'
  | 'createVault'
  | 'diffSnapshots'
  | 'endProcess'
  | 'executeRestore'
  | 'findByName'
  | 'findSnapshot'
  | 'hasOpenCalls'
  | 'listEntries'
  | 'listKeys'
  | 'listRestores'
  | 'measureSpace'
  | 'openVault'
  | 'planRestore'
  | 'readFile'
  | 'readVaultId'
  | 'removeKey'
  | 'repairVault'
  | 'startBackupCrew'
  | 'startRestoreCrew'
  | 'undoRestore'
  | 'vaultConfig'
  | 'vaultStats'
  | 'verifyVault'
>;

export type {
  AgentSecrets,
  BackupCrew,
  BackupOptions,
  BackupProgress,
  BackupResult,
  CheckResult,
  EntryInfo,
  Finding,
  FoundSecret,
  HostAgentPorts,
  Identity,
  KeyInfo,
  NetworkPort,
  Ports,
  PowerPort,
  Reach,
  RestoreCrew,
  RestoreOptions,
  RestorePlan,
  RestoreProgress,
  RestoreRecord,
  RestoreResult,
  RulesOptions,
  Secret,
  SnapshotInfo,
  Space,
  SpaceBy,
  SpacePart,
  Vault,
  VerifyProgress,
  VerifyResult,
  Wifi,
} from '../index.ts';
