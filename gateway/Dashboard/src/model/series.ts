// What the plots show, as columns: times in seconds, then one column for each curve; null is a gap in it.

import type { AssignmentChange } from '../api/events.ts';
import type { Sample } from '../api/telemetry.ts';
import { movesService } from './causes.ts';
import { detectionMs, takeoverMs } from './timeline.ts';

export type Column = readonly (number | null)[];
export type Columns = readonly [times: readonly number[], ...curves: Column[]];

/** Samples that are further apart than this were missed: the curve shall not pretend to know what was between. */
const mostStepSeconds = 2;

export function columnsOf(samples: readonly Sample[], readers: readonly ((sample: Sample) => number | null)[]): Columns {
  const times: number[] = [];
  const curves: (number | null)[][] = readers.map(() => []);
  for (const sample of samples) {
    const at = Date.parse(sample.at) / 1000;
    const last = times.at(-1) ?? at;
    if (at - last > mostStepSeconds) {
      times.push(last + mostStepSeconds / 2);
      curves.forEach((curve) => curve.push(null));
    }
    times.push(at);
    curves.forEach((curve, i) => curve.push(readers[i]?.(sample) ?? null));
  }
  return [times, ...curves];
}

/** Without the silence of a node that is down: that is no gap any more, and would make all others look like none. */
export function gapOf(node: string): (sample: Sample) => number | null {
  return ({ nodes }) => nodes.find(({ name, role }) => name === node && role !== 'down')?.longestGapMs ?? null;
}

/** The largest timeout in force: what no gap of a node that counts as alive exceeds. */
export function allowedGap({ nodes }: Sample): number | null {
  const most = nodes.reduce((largest, { timeoutMs }) => Math.max(largest, timeoutMs), 0);
  return most > 0 ? most : null;
}

/** One point for each of the last changes that moved the service; the x values count them. */
export function failoverColumns(changes: readonly AssignmentChange[], most: number): Columns {
  const told = changes.filter(movesService).slice(-most);
  return [told.map((_, i) => i + 1), told.map(detectionMs), told.map(takeoverMs)];
}
