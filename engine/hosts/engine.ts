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
  | 'executeRestore'
  | 'findByName'
  | 'findSnapshot'
  | 'listEntries'
  | 'listKeys'
  | 'listRestores'
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
>;

export type {
  BackupCrew,
  BackupOptions,
  BackupProgress,
  BackupResult,
  CheckResult,
  EntryInfo,
  Finding,
  KeyInfo,
  Ports,
  RestoreCrew,
  RestoreOptions,
  RestorePlan,
  RestoreProgress,
  RestoreRecord,
  RestoreResult,
  RulesOptions,
  Secret,
  SnapshotInfo,
  Vault,
} from '../index.ts';
export type { AgentPorts, AgentSecrets, Identity, NetworkPort, PowerPort } from './agent-shapes.ts';
