// Which roles differ between two looks at the status, in words that are read out.

import type { NodeStatus } from '../api/status.ts';

export function describeRoleChanges(before: readonly NodeStatus[], now: readonly NodeStatus[]): readonly string[] {
  const roles = new Map(before.map(({ name, role }) => [name, role]));
  return now
    .filter(({ name, role }) => roles.has(name) && roles.get(name) !== role)
    .map(({ name, role }) => (role === 'active' ? `${name} holds the service now` : `${name} is ${role === 'replica' ? 'a replica' : role} now`));
}
