export { createProgress, type Progress, type ProgressFigures } from './progress.ts';
