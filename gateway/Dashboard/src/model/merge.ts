// Adds what is new to what is known. All of these return a new array, and never one that grows for ever.

import type { AssignmentChange } from '../api/events.ts';
import type { Operation } from '../api/operations.ts';
import type { Sample } from '../api/telemetry.ts';

const mostChanges = 256;
const mostOperations = 64;
const keptSamplesMs = 120_000;

/** A gateway that was restarted has forgotten its changes; the dashboard has not. Oldest first. */
export function mergeChanges(known: readonly AssignmentChange[], fresh: readonly AssignmentChange[]): readonly AssignmentChange[] {
  const all = new Map([...known, ...fresh].map((change) => [`${change.epoch} ${change.at}`, change]));
  return [...all.values()].sort((a, b) => a.at.localeCompare(b.at) || a.epoch - b.epoch).slice(-mostChanges);
}

/** Latest first. */
export function mergeOperations(known: readonly Operation[], fresh: readonly Operation[]): readonly Operation[] {
  const all = new Map([...known, ...fresh].map((operation) => [operation.id, operation]));
  return [...all.values()].sort((a, b) => b.requestedAt.localeCompare(a.requestedAt)).slice(0, mostOperations);
}

/**
 * A stream that was interrupted begins with samples that are known already. Samples that are much older than the last one come
 * from a clock that was set back: then the old ones go.
 */
export function appendSample(known: readonly Sample[], sample: Sample): readonly Sample[] {
  const at = Date.parse(sample.at);
  const last = Date.parse(known.at(-1)?.at ?? '');
  if (last - at > keptSamplesMs) {
    return [sample];
  }
  if (at <= last) {
    return known;
  }
  const kept = known.filter((earlier) => at - Date.parse(earlier.at) < keptSamplesMs);
  kept.push(sample);
  return kept;
}
