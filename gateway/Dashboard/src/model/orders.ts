// What an order costs, and whether it can be given.

import type { Order } from '../api/operations.ts';
import type { NodeStatus, Status } from '../api/status.ts';

/** Connections that the order would end. */
export interface Cost {
  readonly withoutReplica: number;
  readonly diverged: number;
  readonly total: number;
}

const free: Cost = { withoutReplica: 0, diverged: 0, total: 0 };

export function costOf(order: Order, status: Status): Cost {
  if (!moves(order, status)) {
    return free;
  }
  const diverged = Math.min(status.unprotected, status.recorder.states.diverged ?? 0);
  return { withoutReplica: status.unprotected - diverged, diverged, total: status.unprotected };
}

/** Why the order cannot be given now, whoever gives it; null when it can. */
export function refusalOf(order: Order, status: Status): string | null {
  if (!moves(order, status)) {
    return null;
  }
  if (holderOf(status) === undefined && order.kind !== 'forced') {
    return 'No live node holds the service: there is nothing to plan.';
  }
  return successorsOf(status).length > 0 ? null : 'There is no replica to move the service to.';
}

export function holderOf({ nodes }: Status): NodeStatus | undefined {
  return nodes.find(({ role }) => role === 'active');
}

/** Nodes that could take the service over. */
export function successorsOf({ nodes }: Status): readonly NodeStatus[] {
  return nodes.filter(({ role, drained }) => role === 'replica' && !drained);
}

/** Does the order move the service? Draining a node that does not hold it leaves the service alone. */
export function moves(order: Order, status: Status): boolean {
  return order.kind === 'planned' || order.kind === 'forced' || (order.kind === 'drain' && holderOf(status)?.name === order.node);
}

/** Connections that survive the order, and would not survive a failure after it. */
export function exposedBy(order: Order, status: Status): number {
  const others = successorsOf(status).filter((node) => order.kind !== 'drain' || node.name !== order.node);
  const needed = order.kind === 'drain' && !moves(order, status) ? 1 : 2;
  return order.kind === 'forced' || (order.kind === 'drain' && others.length < needed) ? status.flows - status.unprotected : 0;
}
