// Events in one line each.

import type { GatewayEvent } from '../api/events.ts';
import type { Operation } from '../api/operations.ts';
import { describeDisagreement } from './agreement.ts';
import { describeCause, movesService } from './causes.ts';
import { formatCount, formatMilliseconds, formatQuantity } from './format.ts';
import { timelineOf } from './timeline.ts';

export function describeEvent(event: GatewayEvent): string {
  switch (event.kind) {
    case 'assignment':
      return describeAssignment(event);
    case 'node':
      return `${event.node}: ${event.was} → ${event.role}`;
    case 'operation':
      return describeOperation(event.operation);
    case 'protection':
      return describeProtection(event);
    case 'service':
      return describeAgreement(event);
    case 'store':
      return `Store ${event.state}${event.reason === '' ? '' : `: ${event.reason}`}`;
  }
}

function describeAssignment(event: Extract<GatewayEvent, { kind: 'assignment' }>): string {
  const moved = movesService(event);
  const what = moved ? `${event.from} → ${event.active}` : `${event.active} active`;
  const { totalMs } = timelineOf(event);
  const took = !moved || event.firstSegmentNs === 0 || totalMs === 0 ? '' : `, first segment after ${formatMilliseconds(totalMs)}`;
  return `Epoch ${event.epoch}: ${what} (${describeCause(event)})${took}`;
}

/** Diverged connections are among the unprotected ones, but the two numbers are not of the same instant. */
function describeProtection({ unprotected, diverged, divergedDatagramFlows }: Extract<GatewayEvent, { kind: 'protection' }>): string {
  const datagrams = divergedDatagramFlows === 0 ? '' : `; ${formatQuantity(divergedDatagramFlows, 'datagram flow')} diverged`;
  if (unprotected === 0 && diverged === 0) {
    return `Every connection is protected${datagrams}`;
  }
  const count = formatQuantity(Math.max(unprotected, diverged), 'connection');
  return `${count} not protected${diverged === 0 ? '' : `, of these ${formatCount(diverged)} diverged`}${datagrams}`;
}

function describeAgreement(event: Extract<GatewayEvent, { kind: 'service' }>): string {
  return event.inAgreement ? `The servers of ${event.service} agree again` : describeDisagreement(event);
}

export function describeOperation(operation: Operation): string {
  const name = nameOperation(operation);
  switch (operation.state) {
    case 'running':
      return `${name} by ${operation.by}: ${operation.steps.at(-1)?.text ?? 'under way'}`;
    case 'succeeded':
      return `${name} by ${operation.by} succeeded${operation.active === null || operation.active === '' ? '' : `: ${operation.active} holds the service`}`;
    case 'failed':
    case 'unknown':
      return `${name} by ${operation.by}: ${operation.state}, ${operation.problem ?? 'no reason given'}`;
  }
}

export function nameOperation({ kind, node }: Operation): string {
  switch (kind) {
    case 'planned':
      return 'Planned switchover';
    case 'forced':
      return 'Forced switchover';
    case 'drain':
      return `Drain of ${node ?? 'a node'}`;
    case 'undrain':
      return `Return of ${node ?? 'a node'}`;
  }
}
