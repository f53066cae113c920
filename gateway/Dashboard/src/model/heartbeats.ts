// A node's heartbeats, step by step.

import type { NodeSample, Sample } from '../api/telemetry.ts';
import { formatMilliseconds } from './format.ts';

export interface Beat {
  readonly role: NodeSample['role'];
  /** The longest wait in the step as a share of what is allowed; 1 and more is silence. */
  readonly share: number;
  readonly none: boolean;
}

const stepMs = 500;

/** Up to this many steps between two samples are a late timer, and not samples that were missed. */
const toleratedSteps = 1.8;

/** One for each half second, the latest last; null where nothing is known. */
export function beatsOf(samples: readonly Sample[], node: string, steps: number): readonly (Beat | null)[] {
  const beats: (Beat | null)[] = Array.from({ length: steps }, () => null);
  let index = steps - 1;
  for (let i = samples.length - 1; i >= 0 && index >= 0; i -= 1) {
    const [sample, earlier] = [samples[i], samples[i - 1]];
    const found = sample?.nodes.find(({ name }) => name === node);
    beats[index] = found === undefined ? null : toBeat(found);
    index -= sample && earlier ? stepsBetween(earlier, sample) : 1;
  }
  return beats;
}

/** The strip in words. */
export function describeBeats(samples: readonly Sample[], node: string): string {
  const heard = samples.flatMap(({ nodes }) => nodes.filter(({ name }) => name === node));
  const last = heard.at(-1);
  if (last === undefined) {
    return 'no heartbeats known';
  }
  const steps = heard.filter(({ heartbeats }) => heartbeats > 0);
  const silent = heard.length - steps.length;
  const longest = steps.reduce((most, { longestGapMs }) => Math.max(most, longestGapMs), 0);
  return `longest gap ${formatMilliseconds(longest)}, allowed ${formatMilliseconds(last.timeoutMs)}`
    + (silent > 0 ? `, ${silent} of ${heard.length} half seconds silent` : '');
}

function toBeat({ role, heartbeats, longestGapMs, timeoutMs }: NodeSample): Beat {
  return { role, share: timeoutMs > 0 ? longestGapMs / timeoutMs : 0, none: heartbeats === 0 };
}

function stepsBetween(earlier: Sample, later: Sample): number {
  const passed = (Date.parse(later.at) - Date.parse(earlier.at)) / stepMs;
  return passed < toleratedSteps ? 1 : Math.round(passed);
}
