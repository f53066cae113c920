// What GET telemetry sends: one sample every half second.

import type { Role } from './status.ts';

export interface NodeSample {
  readonly name: string;
  readonly role: Role;
  readonly heartbeats: number;
  /** The longest wait for a heartbeat that ended, or still lasts, in the step. */
  readonly longestGapMs: number;
  readonly timeoutMs: number;
}

export interface Sample {
  readonly at: string;
  readonly flows: number;
  readonly protected: number;
  readonly repairing: number;
  readonly unprotected: number;
  readonly diverged: number;
  readonly clientSegmentsPerSecond: number;
  readonly serverSegmentsPerSecond: number;
  readonly clientBytesPerSecond: number;
  readonly lanReceivedBytesPerSecond: number;
  readonly lanSentBytesPerSecond: number;
  readonly lagBytes: number;
  readonly heldBack: number;
  readonly repairP99Ms: number;
  readonly nodes: readonly NodeSample[];
}
