// Documents for tests, with what a test does not care about filled in.

import type { AssignmentChange } from '../src/api/events.ts';
import type { Operation } from '../src/api/operations.ts';
import type { NodeStatus, Role, Status } from '../src/api/status.ts';
import type { NodeSample, Sample } from '../src/api/telemetry.ts';

export function change(fields: Partial<AssignmentChange>): AssignmentChange {
  return {
    epoch: 2, cause: 'activeSilent', node: 'node1', from: 'node1', active: 'node2', at: '2026-11-27T01:00:00.000Z',
    lastHeardNs: 0, decidedNs: 0, fencedNs: 0, orderedNs: 0, receivedNs: 0, firstSegmentNs: 0, flows: 0, ...fields,
  };
}

export function node(name: string, role: Role, fields: Partial<NodeStatus> = {}): NodeStatus {
  return {
    name, role, address: '10.0.2.11', drained: false, epoch: 2, lastHeardMs: 1, detectionTimeoutMs: 30, mac: '02:00:00:00:02:11',
    deaf: false, serverEnded: false, serverFailing: false, serverStalledMs: 0, flows: { replicas: 0, inStep: 0, diverged: 0, held: 0 }, ...fields,
  };
}

export function status(fields: Partial<Status> = {}, states: Status['recorder']['states'] = {}): Status {
  return {
    epoch: 2, ready: true, output: 'silent', flows: 100, unprotected: 0, monotonicNs: 0, version: '1.0.0',
    at: '2026-11-27T01:00:00Z', startedAt: '2026-11-27T00:00:00Z',
    services: [{ name: 'db', addresses: ['10.0.2.100'], ports: 'any', protocol: 'any', divergence: 'reset', output: 'silent', flows: 100, diverged: 0, hot: 0, comparedDatagramFlows: 0, divergedDatagramFlows: 0, inAgreement: true }],
    nodes: [node('node1', 'active'), node('node2', 'replica')], events: [], counters: {}, ignoredDatagrams: {},
    recorder: {
      policy: 'window', flows: 0, records: 0, bytes: 0, passedOver: 0, recordsPerSecond: 0, ringUsed: 0, ringBytes: 0, memoryUsed: 0, memoryBytes: 0,
      conflictingBytes: 0, damaged: 0, evictions: 0, heldBack: 0, requests: 0, repairedBytes: 0, refused: 0, offers: 0, repairs: 0, repairP50Ms: 0, repairP99Ms: 0,
      store: {
        state: 'ready', trouble: 'none', reason: '', endpoint: '', queuedBytes: 0, queuedOperations: 0, operations: 0, bytesWritten: 0, errors: 0,
        dropped: 0, latencyMs: 0, generation: 0, emptied: 0,
      },
      states, datagrams: { flows: 0, heldBytes: 0, recorded: 0, repaired: 0, repeated: 0, compared: 0, diverged: 0, divergences: 0 },
    },
    ...fields,
  };
}

export function sample(atMs: number, nodes: readonly NodeSample[] = []): Sample {
  return {
    at: new Date(atMs).toISOString(), flows: 0, protected: 0, repairing: 0, unprotected: 0, diverged: 0, clientSegmentsPerSecond: 0,
    serverSegmentsPerSecond: 0, clientBytesPerSecond: 0, lanReceivedBytesPerSecond: 0, lanSentBytesPerSecond: 0, lagBytes: 0, heldBack: 0, repairP99Ms: 0, nodes,
  };
}

export function heartbeat(name: string, fields: Partial<NodeSample> = {}): NodeSample {
  return { name, role: 'active', heartbeats: 50, longestGapMs: 10, timeoutMs: 30, ...fields };
}

export function operation(id: string, fields: Partial<Operation> = {}): Operation {
  return {
    id, kind: 'planned', node: null, by: 'alice', state: 'running', requestedAt: '2026-11-27T01:00:00Z', completedAt: null, steps: [],
    epoch: null, active: null, cause: null, problem: null, ...fields,
  };
}
