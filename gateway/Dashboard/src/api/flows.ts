// GET flows: its query and its answer.

import type { FlowState } from './status.ts';

export interface ReplicaStatus {
  readonly node: string;
  readonly state: 'inStep' | 'catchingUp' | 'making' | 'diverged' | 'none';
  /** Null where there is no replica. */
  readonly lagBytes: number | null;
}

export interface FlowStatus {
  /** client address:port->service address:port */
  readonly flow: string;
  readonly state: FlowState;
  readonly ageSeconds: number;
  readonly idleSeconds: number;
  readonly clientBytes: number;
  readonly serverBytes: number;
  readonly recordedBytes: number;
  readonly replicas: readonly ReplicaStatus[];
}

export type FlowOrder = 'flow' | 'state' | 'age' | 'idle' | 'clientBytes' | 'serverBytes' | 'lag';

export interface FlowQuery {
  readonly state: FlowState | '';
  readonly text: string;
  readonly order: FlowOrder;
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
}

export interface FlowPage {
  readonly flows: readonly FlowStatus[];
  /** How many connections match, on whatever page. */
  readonly total: number;
}

export function toQueryString(query: FlowQuery): string {
  const parameters = new URLSearchParams();
  if (query.state !== '') {
    parameters.set('state', query.state);
  }
  if (query.text !== '') {
    parameters.set('q', query.text);
  }
  parameters.set('sort', (query.descending ? '-' : '') + query.order);
  parameters.set('limit', String(query.limit));
  parameters.set('offset', String(query.offset));
  return parameters.toString();
}
