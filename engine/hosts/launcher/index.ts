export { type NodeLauncherOptions, nodeLauncher, parentOf } from './node-launcher.ts';
export type { AgentProcess, Ending, Launcher, Parent } from './port.ts';
