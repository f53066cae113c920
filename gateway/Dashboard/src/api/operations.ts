// What can be ordered, and what becomes of it.

import type { Cause } from './events.ts';

export type Order =
  | { readonly kind: 'planned' | 'forced' }
  | { readonly kind: 'drain' | 'undrain'; readonly node: string };

export interface OperationStep {
  readonly at: string;
  readonly text: string;
}

export interface Operation {
  readonly id: string;
  readonly kind: Order['kind'];
  readonly node: string | null;
  readonly by: string;
  /** `unknown` is never sent: the page says so of an operation whose gateway was restarted before it told the outcome. */
  readonly state: 'running' | 'succeeded' | 'failed' | 'unknown';
  readonly requestedAt: string;
  readonly completedAt: string | null;
  readonly steps: readonly OperationStep[];
  readonly epoch: number | null;
  readonly active: string | null;
  readonly cause: Cause | null;
  readonly problem: string | null;
}
