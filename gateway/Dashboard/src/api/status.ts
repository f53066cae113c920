// The body of GET status, and what belongs to it.

import type { AssignmentChange } from './events.ts';

export type Role = 'active' | 'replica' | 'syncing' | 'drained' | 'down';

export interface NodeFlows {
  readonly replicas: number;
  readonly inStep: number;
  readonly diverged: number;
  readonly held: number;
}

export interface NodeStatus {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly drained: boolean;
  readonly epoch: number;
  /** Null: never. */
  readonly lastHeardMs: number | null;
  readonly detectionTimeoutMs: number;
  readonly mac: string;
  readonly deaf: boolean;
  readonly serverEnded: boolean;
  readonly serverFailing: boolean;
  readonly serverStalledMs: number;
  readonly flows: NodeFlows;
}

export type FlowState = 'protected' | 'repairing' | 'unprotected' | 'diverged';

export type StoreState = 'connecting' | 'ready' | 'degraded' | 'off';

export interface StoreStatus {
  readonly state: StoreState;
  readonly trouble: string;
  /** Empty when nothing is wrong. */
  readonly reason: string;
  readonly endpoint: string;
  readonly queuedBytes: number;
  readonly queuedOperations: number;
  readonly operations: number;
  readonly bytesWritten: number;
  readonly errors: number;
  readonly dropped: number;
  readonly latencyMs: number;
  readonly generation: number;
  readonly emptied: number;
}

export interface DatagramStatus {
  readonly flows: number;
  readonly heldBytes: number;
  readonly recorded: number;
  readonly repaired: number;
  readonly repeated: number;
  /** Clients' ends that both the active node and a replica have answered. */
  readonly compared: number;
  /** Of these, the ones that were answered in two ways. */
  readonly diverged: number;
  readonly divergences: number;
}

export interface RecorderStatus {
  readonly policy: 'unconfirmed' | 'window' | 'full';
  readonly flows: number;
  readonly records: number;
  readonly bytes: number;
  readonly passedOver: number;
  readonly recordsPerSecond: number;
  readonly ringUsed: number;
  readonly ringBytes: number;
  readonly memoryUsed: number;
  readonly memoryBytes: number;
  readonly conflictingBytes: number;
  readonly damaged: number;
  readonly evictions: number;
  readonly heldBack: number;
  readonly requests: number;
  readonly repairedBytes: number;
  readonly refused: number;
  readonly offers: number;
  readonly repairs: number;
  readonly repairP50Ms: number;
  readonly repairP99Ms: number;
  readonly store: StoreStatus;
  readonly states: Readonly<Partial<Record<FlowState, number>>>;
  readonly datagrams: DatagramStatus;
}

export interface ServiceStatus {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ports: string;
  readonly protocol: string;
  /** What a takeover does with connections whose replica has diverged. */
  readonly divergence: 'reset' | 'carry';
  /** Whose output reaches its clients. */
  readonly output: 'silent' | 'hot' | 'agree';
  readonly flows: number;
  readonly diverged: number;
  /** Connections whose clients hear several nodes. */
  readonly hot: number;
  readonly comparedDatagramFlows: number;
  readonly divergedDatagramFlows: number;
  /** False: so many have diverged that none of its connections counts as protected. */
  readonly inAgreement: boolean;
}

export interface Status {
  readonly epoch: number;
  readonly ready: boolean;
  readonly output: string;
  readonly flows: number;
  /** Connections that a switchover now would cost, diverged ones among them. */
  readonly unprotected: number;
  readonly monotonicNs: number;
  readonly version: string;
  readonly at: string;
  readonly startedAt: string;
  readonly services: readonly ServiceStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly events: readonly AssignmentChange[];
  readonly recorder: RecorderStatus;
  readonly counters: Readonly<Record<string, number>>;
  readonly ignoredDatagrams: Readonly<Record<string, number>>;
}
