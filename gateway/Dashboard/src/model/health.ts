// What is not as it should be, the worst first.

import type { Status } from '../api/status.ts';
import { describeDisagreement } from './agreement.ts';
import { formatQuantity } from './format.ts';

export type Level = 'good' | 'warning' | 'bad';

export interface Issue {
  readonly level: Exclude<Level, 'good'>;
  readonly text: string;
}

export function issuesOf(status: Status): readonly Issue[] {
  const issues = [...nodeIssues(status), ...serviceIssues(status), ...protectionIssues(status), ...storeIssues(status)];
  return [...issues.filter(({ level }) => level === 'bad'), ...issues.filter(({ level }) => level === 'warning')];
}

export function levelOf(issues: readonly Issue[]): Level {
  return issues[0]?.level ?? 'good';
}

function* nodeIssues({ nodes }: Status): Iterable<Issue> {
  if (!nodes.some(({ role }) => role === 'active')) {
    yield { level: 'bad', text: 'No node holds the service' };
  }
  if (!nodes.some(({ role }) => role === 'replica')) {
    yield { level: 'bad', text: 'No replica: connections would not survive a failure' };
  }
  for (const node of nodes) {
    if (node.role === 'down') {
      yield { level: 'warning', text: `${node.name} is down${node.deaf ? ': it is heard and does not hear' : ''}` };
    } else if (node.role === 'syncing') {
      yield { level: 'warning', text: `${node.name} is joining` };
    } else if (node.drained) {
      yield { level: 'warning', text: `${node.name} is drained: an operator keeps it out` };
    }
    if (node.serverEnded) {
      yield { level: 'warning', text: `A server on ${node.name} has ended` };
    }
    if (node.serverFailing) {
      yield { level: 'warning', text: `A probe of the server on ${node.name} fails` };
    }
  }
}

function* serviceIssues({ services }: Status): Iterable<Issue> {
  for (const service of services) {
    if (!service.inAgreement) {
      yield { level: 'bad', text: describeDisagreement({ ...service, service: service.name }) };
    }
  }
}

function* protectionIssues({ unprotected, recorder }: Status): Iterable<Issue> {
  const diverged = recorder.states.diverged ?? 0;
  const without = Math.max(0, unprotected - diverged);
  if (without > 0) {
    yield { level: 'warning', text: `${formatQuantity(without, 'connection')} without protection` };
  }
  if (diverged > 0) {
    yield { level: 'warning', text: `${formatQuantity(diverged, 'connection')} diverged: the servers gave different answers` };
  }
  if (recorder.datagrams.diverged > 0) {
    yield { level: 'warning', text: `${formatQuantity(recorder.datagrams.diverged, 'datagram flow')} diverged: the servers gave different answers` };
  }
  if (recorder.heldBack > 0) {
    yield { level: 'warning', text: `${formatQuantity(recorder.heldBack, 'client')} held back for a replica that lags` };
  }
}

function* storeIssues({ recorder: { store } }: Status): Iterable<Issue> {
  if (store.state === 'degraded') {
    yield { level: 'warning', text: `Store degraded: ${store.reason}` };
  } else if (store.state === 'connecting') {
    yield { level: 'warning', text: 'Store not reached yet' };
  }
}
