// What GET events sends.

import type { Operation } from './operations.ts';
import type { Role, StoreState } from './status.ts';

export type Cause =
  | 'start'
  | 'adopted'
  | 'activeSilent'
  | 'serverEnded'
  | 'serverHangs'
  | 'serverCloses'
  | 'serverFails'
  | 'forced'
  | 'planned'
  | 'nodeDrained'
  | 'planAborted'
  | 'replicaLost'
  | 'replicaJoined'
  | 'epochRaised';

/** A change of assignment. Times are CLOCK_MONOTONIC nanoseconds; 0 is "not known". */
export interface AssignmentChange {
  readonly epoch: number;
  readonly cause: Cause;
  /** The node that gave the cause; empty when none did. */
  readonly node: string;
  /** Held the service before; empty when nobody did. */
  readonly from: string;
  readonly active: string;
  readonly at: string;
  readonly lastHeardNs: number;
  readonly decidedNs: number;
  readonly fencedNs: number;
  readonly orderedNs: number;
  /** By the new active node's clock, as is `firstSegmentNs`. */
  readonly receivedNs: number;
  readonly firstSegmentNs: number;
  readonly flows: number;
}

interface Entry<Kind extends string> {
  readonly id: string;
  readonly at: string;
  readonly kind: Kind;
}

export type AssignmentEvent = Entry<'assignment'> & AssignmentChange;

export interface NodeEvent extends Entry<'node'> {
  readonly node: string;
  readonly role: Role;
  readonly was: Role;
}

export interface OperationEvent extends Entry<'operation'> {
  readonly operation: Operation;
}

export interface ProtectionEvent extends Entry<'protection'> {
  readonly unprotected: number;
  readonly diverged: number;
  readonly divergedDatagramFlows: number;
}

/** So many of a service's connections have diverged that none counts as protected, or no longer. */
export interface ServiceEvent extends Entry<'service'> {
  readonly service: string;
  readonly inAgreement: boolean;
  readonly flows: number;
  readonly diverged: number;
  readonly comparedDatagramFlows: number;
  readonly divergedDatagramFlows: number;
}

export interface StoreEvent extends Entry<'store'> {
  readonly state: StoreState;
  readonly reason: string;
}

export type GatewayEvent = AssignmentEvent | NodeEvent | OperationEvent | ProtectionEvent | ServiceEvent | StoreEvent;

export type EventKind = GatewayEvent['kind'];

export const eventKinds: readonly EventKind[] = ['assignment', 'node', 'operation', 'protection', 'service', 'store'];
