/** The engine as the hosts use it: loaded when a command needs it, replaced by another in tests. */
type Whole = typeof import('../index.ts');

export type Engine = Pick<
  Whole,
  | 'addPassphrase'
  | 'addRecoveryPhrase'
  | 'backup'
  | 'changePassphrase'
  | 'changeSnapshots'
  | 'checkVault'
  | 'createPorts'
  | 'createVault'
  | 'diffSnapshots'
  | 'drillVault'
  | 'endProcess'
  | 'executeRestore'
  | 'executeSweep'
  | 'findByName'
  | 'freedBytes'
  | 'findSnapshot'
  | 'keptReports'
  | 'hasOpenCalls'
  | 'lastForgotten'
  | 'listEntries'
  | 'listForgotten'
  | 'listKeys'
  | 'listRestores'
  | 'measureSpace'
  | 'openVault'
  | 'planRestore'
  | 'planRetention'
  | 'planSweep'
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
  Amount,
  BackupCrew,
  BackupOptions,
  BackupProgress,
  BackupResult,
  CheckResult,
  DrillFailure,
  DrillOptions,
  DrillProgress,
  DrillReport,
  EntryInfo,
  Finding,
  ForgottenInfo,
  FoundSecret,
  HostAgentPorts,
  Identity,
  KeepReason,
  KeptReport,
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
  RetentionPlan,
  RetentionPolicy,
  RulesOptions,
  Secret,
  SnapshotChange,
  SnapshotId,
  SnapshotInfo,
  Space,
  SpaceBy,
  SpacePart,
  SweepPlan,
  SweepResult,
  Vault,
  VerifyProgress,
  VerifyResult,
  Wifi,
} from '../index.ts';
