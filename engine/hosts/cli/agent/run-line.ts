import type { AgentState, RunState } from '../../../contract/index.ts';
import { countOf, formatBytes, formatSecondsLeft, formatShare } from '../../text/figures.ts';

/** "31,204 files · reading 412 MB/s · 1.2 of 3.8 GB · 3–5 s left" */
export function runWords(run: RunState): string {
  const { phase, foundFiles, foundBytes, doneBytes, storedBytes, bytesPerSecond, secondsLeft, pace } = run;
  if (phase === 'opening') return 'opening the vault';
  if (phase === 'sending') {
    const left = secondsLeft === null ? '' : formatSecondsLeft(secondsLeft.least, secondsLeft.most);
    const sent = `${formatBytes(storedBytes)} sent`;
    return [countOf(foundFiles, 'file'), 'sending', sent, left].filter((part) => part !== '').join(' · ');
  }
  const isScanning = phase === 'scanning';
  const parts = [
    `${isScanning ? 'scanning ' : ''}${countOf(foundFiles, 'file')}`,
    phase === 'publishing' ? 'finishing' : bytesPerSecond > 0 ? `reading ${formatBytes(bytesPerSecond)}/s` : '',
    foundBytes > 0 ? formatShare(doneBytes, foundBytes) : '',
    isScanning || secondsLeft === null ? '' : formatSecondsLeft(secondsLeft.least, secondsLeft.most),
    pace === 'gentle' ? 'gently' : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** The place that a run saves to now, where there are several. */
export function runPlace({ run, places }: AgentState): string | null {
  return places.length < 2 || run === null ? null : (places.find(({ id }) => id === run.place)?.url ?? null);
}
