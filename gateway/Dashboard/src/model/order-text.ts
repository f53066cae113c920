// An order in words, for whoever has to confirm it.

import type { Order } from '../api/operations.ts';
import type { Status } from '../api/status.ts';
import { formatQuantity } from './format.ts';
import type { Cost } from './orders.ts';
import { exposedBy, holderOf, moves, successorsOf } from './orders.ts';

export function titleOf(order: Order, status: Status): string {
  switch (order.kind) {
    case 'planned':
      return `Planned switchover${routeOf(status)}`;
    case 'forced':
      return `Forced switchover${routeOf(status)}`;
    case 'drain':
      return `Drain ${order.node}`;
    case 'undrain':
      return `Let ${order.node} in again`;
  }
}

/** What will happen, in sentences. */
export function consequencesOf(order: Order, status: Status): readonly string[] {
  const from = holderOf(status)?.name ?? 'the active node';
  const to = successorsOf(status).map(({ name }) => name).join(' or ');
  switch (order.kind) {
    case 'planned':
      return [
        `${to} takes the service over. ${from} goes on as the replica.`,
        'Protected connections see a pause of some milliseconds and lose nothing. If the replica does not answer, everything stays as it is.',
      ];
    case 'forced':
      return [
        `${from} is fenced off at once and ${to} takes the service over, without waiting for anybody. Protected connections go on.`,
        'As long as the active node answers, a planned switchover does the same without this risk.',
      ];
    case 'drain':
      return [
        moves(order, status)
          ? `${to} takes the service over, then ${order.node} is kept out of every assignment until it is let in again.`
          : `${order.node} is kept out of every assignment until it is let in again. The service stays where it is.`,
      ];
    case 'undrain':
      return [
        `${order.node} joins with its next heartbeat, and replicates from then on.`,
        status.recorder.policy === 'full'
          ? 'The recorder keeps everything: connections that are open already are replicated, too.'
          : 'Connections that are open already stay without a replica there; new ones get one.',
      ];
  }
}

/** Who will be without protection afterwards, and for how long; null when nobody is. */
export function exposureOf(order: Order, status: Status): string | null {
  const count = exposedBy(order, status);
  if (count === 0) {
    return null;
  }
  const who = count === 1 ? '1 connection that is protected now has' : `${formatQuantity(count, 'connection')} that are protected now have`;
  const back = order.kind === 'drain' ? `${order.node} is let in again` : `${holderOf(status)?.name ?? 'the active node'} has joined again`;
  const { policy } = status.recorder;
  const until = policy === 'full'
    ? `until ${back}`
    : `from then on, also when ${back}: the recorder's policy is "${policy}", and not "full"`;
  return `${who} no replica ${until}. They would not survive a failure.`;
}

/** What the lost connections will see, in sentences; none when nothing is lost. */
export function lossesOf(cost: Cost, status: Status): readonly string[] {
  const losses: string[] = [];
  if (cost.withoutReplica > 0) {
    losses.push(`${formatQuantity(cost.withoutReplica, 'connection')} without a replica that follows: lost.`);
  }
  if (cost.diverged > 0) {
    losses.push(`${formatQuantity(cost.diverged, 'connection')} whose replica has diverged: ${fateOf(status)}`);
  }
  return losses;
}

/** Of diverged connections, by the policies of the services. */
function fateOf({ services }: Status): string {
  const carrying = services.filter(({ divergence }) => divergence === 'carry').map(({ name }) => name);
  if (carrying.length === 0) {
    return 'each client gets a reset and can connect anew.';
  }
  return carrying.length === services.length
    ? 'carried over, with bytes that may differ from what the client was told before.'
    : `carried over for ${carrying.join(', ')}, with bytes that may differ; reset for the other services.`;
}

function routeOf(status: Status): string {
  const [to, ...others] = successorsOf(status);
  const from = holderOf(status);
  return from !== undefined && to !== undefined && others.length === 0 ? `: ${from.name} → ${to.name}` : '';
}
