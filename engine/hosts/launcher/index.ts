export { type NodeLauncherOptions, nodeLauncher, parentOf } from './node-launcher.ts';
export type { AgentMessage, AgentProcess, Ending, Launcher, Parent } from './port.ts';
