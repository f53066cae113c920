// Why an assignment changed, in words.

import type { AssignmentChange, Cause } from '../api/events.ts';

/** Causes that somebody noticed, as against those that somebody ordered: here the time since the node was last heard is the detection. */
const noticed: readonly Cause[] = ['activeSilent', 'serverEnded', 'serverHangs', 'serverCloses', 'serverFails', 'replicaLost'];

export function isDetected(cause: Cause): boolean {
  return noticed.includes(cause);
}

/** Did the service move from one node to another? */
export function movesService({ from, active }: AssignmentChange): boolean {
  return from !== '' && from !== active;
}

export function describeCause({ cause, node, active }: Pick<AssignmentChange, 'cause' | 'node' | 'active'>): string {
  const subject = node === '' ? 'a node' : node;
  switch (cause) {
    case 'start':
      return `${active} took the service: nobody held it`;
    case 'adopted':
      return `${active} already held the service when the gateway started`;
    case 'activeSilent':
      return `${subject} fell silent`;
    case 'serverEnded':
      return `a server on ${subject} ended`;
    case 'serverHangs':
      return `the server on ${subject} hangs`;
    case 'serverCloses':
      return `the server on ${subject} closed many connections`;
    case 'serverFails':
      return `a probe of the server on ${subject} fails`;
    case 'forced':
      return 'forced by an operator';
    case 'planned':
      return 'planned by an operator';
    case 'nodeDrained':
      return `${subject} was drained`;
    case 'planAborted':
      return `switchover given up: ${subject} did not answer`;
    case 'replicaLost':
      return `replica ${subject} fell silent`;
    case 'replicaJoined':
      return `${subject} joined as a replica`;
    case 'epochRaised':
      return `${subject} knew a higher epoch`;
    default:
      // A newer gateway may know more causes than this dashboard.
      return String(cause);
  }
}
