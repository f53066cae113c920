// Where things are drawn: the node that holds the service first, the others below.

import type { NodeStatus, Role } from '../api/status.ts';

export interface Place {
  readonly node: NodeStatus;
  /** 0 is the place of the node that holds the service. */
  readonly slot: number;
}

/**
 * In the order of the configuration, which is the order of `nodes`, so that an element stays the same node's and moves when its
 * slot changes. While nobody holds the service all stay where the configuration has them.
 */
export function placesOf(nodes: readonly NodeStatus[]): readonly Place[] {
  const active = nodes.findIndex((node) => node.role === 'active');
  return nodes.map((node, i) => ({ node, slot: i === active ? 0 : active > i ? i + 1 : i }));
}

export interface Link {
  readonly slot: number;
  readonly role: Role;
  readonly text: string;
  /** From the gateway, at half the height, to the middle of the slot; 100 units wide. */
  readonly path: string;
}

const linkTexts: Readonly<Record<Role, string>> = {
  active: 'service',
  replica: 'copies',
  syncing: 'joining',
  drained: 'kept out',
  down: 'no contact',
};

export function linksOf(places: readonly Place[], slotHeight: number): readonly Link[] {
  const middle = (places.length * slotHeight) / 2;
  return places.map(({ node, slot }) => {
    const y = (slot + 0.5) * slotHeight;
    return { slot, role: node.role, text: linkTexts[node.role] ?? node.role, path: `M0,${middle} C50,${middle} 50,${y} 100,${y}` };
  });
}
