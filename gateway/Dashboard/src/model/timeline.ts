// The timeline of an assignment: from when the node was last heard to the new active node's first segment.

import type { AssignmentChange } from '../api/events.ts';
import { isDetected, movesService } from './causes.ts';

export type MarkName = 'lastHeard' | 'decided' | 'fenced' | 'ordered' | 'received' | 'firstSegment';

export interface Mark {
  readonly name: MarkName;
  /** Milliseconds since the timeline's first mark. */
  readonly atMs: number;
  /** Milliseconds since the mark before; null when the two were told by clocks that do not agree. */
  readonly phaseMs: number | null;
}

export interface Timeline {
  /** In the order in which they happened; in a planned switchover the new active node receives its order before the gateway turns. */
  readonly marks: readonly Mark[];
  readonly totalMs: number;
  /** The node's times are not on the gateway's clock, so the way of the order is not known. */
  readonly clocksDiffer: boolean;
}

interface Stamp {
  readonly name: MarkName;
  readonly ns: number;
}

/** CLOCK_MONOTONIC counts from a host's start. Hosts that do not share it are apart by much more than an order takes. */
const mostOrderWayNs = 10e9;

export function timelineOf(change: AssignmentChange): Timeline {
  const gateway = known([
    // Before an order of an operator the last heartbeat tells nothing.
    { name: 'lastHeard', ns: isDetected(change.cause) ? change.lastHeardNs : 0 },
    { name: 'decided', ns: change.decidedNs },
    { name: 'fenced', ns: change.fencedNs },
    { name: 'ordered', ns: change.orderedNs },
  ]);
  const node = known([
    { name: 'received', ns: change.receivedNs },
    // A node that held the service before, or takes it while nobody asks, sends when a client asks something of it.
    { name: 'firstSegment', ns: movesService(change) ? change.firstSegmentNs : 0 },
  ]);
  const clocksDiffer = change.receivedNs !== 0 && change.orderedNs !== 0
    && Math.abs(change.receivedNs - change.orderedNs) > mostOrderWayNs;
  const shift = clocksDiffer ? change.orderedNs - change.receivedNs : 0;
  const stamps = [...gateway, ...node.map(({ name, ns }) => ({ name, ns: ns + shift }))].sort((a, b) => a.ns - b.ns);
  const first = stamps[0]?.ns ?? 0;
  const marks = stamps.map(({ name, ns }, i) => ({
    name,
    atMs: toMilliseconds(ns - first),
    phaseMs: clocksDiffer && name === 'received' ? null : toMilliseconds(ns - (stamps[i - 1]?.ns ?? ns)),
  }));
  return { marks, totalMs: marks.at(-1)?.atMs ?? 0, clocksDiffer };
}

/** How long it took to notice what was wrong; null when nothing had to be noticed, or it is not known. */
export function detectionMs(change: AssignmentChange): number | null {
  return isDetected(change.cause) && change.lastHeardNs !== 0 && change.decidedNs !== 0
    ? toMilliseconds(change.decidedNs - change.lastHeardNs)
    : null;
}

/** From the arrival of the order at the new active node to its first segment; null while either is not known. */
export function takeoverMs(change: AssignmentChange): number | null {
  return change.receivedNs !== 0 && change.firstSegmentNs !== 0
    ? toMilliseconds(Math.max(0, change.firstSegmentNs - change.receivedNs))
    : null;
}

function known(stamps: readonly Stamp[]): Stamp[] {
  return stamps.filter((stamp) => stamp.ns !== 0);
}

function toMilliseconds(ns: number): number {
  return ns / 1e6;
}
