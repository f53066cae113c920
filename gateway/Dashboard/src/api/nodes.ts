// What a node's agent says of itself, through the gateway.

import type { NodeFlows } from './status.ts';

export interface NodeHealth {
  readonly name: string;
  readonly role: 'active' | 'replica';
  readonly epoch: number;
  /** Null: not yet. */
  readonly gatewayHeardMs: number | null;
  readonly serverEnded: boolean;
  readonly serverFailing: boolean;
  readonly serverStalledMs: number;
  readonly flows: NodeFlows;
}

export interface NodeAccount {
  readonly health: NodeHealth;
  readonly counters: Readonly<Record<string, number>>;
  /** The end of its server's log; null when none is configured. */
  readonly log: string | null;
}
