// Why nothing can be ordered from this page now.

import type { Operation } from '../api/operations.ts';
import type { Session } from '../api/session.ts';

export function barrierOf(isLive: boolean, session: Session | null, operations: readonly Operation[]): string | null {
  if (session === null) {
    return 'Nobody is logged in.';
  }
  if (!isLive) {
    return 'The gateway does not answer.';
  }
  if (session.scope !== 'operate') {
    return `${session.name} may only read: log in with a token whose scope is operate.`;
  }
  return operations.some(({ state }) => state === 'running') ? 'An operation is under way.' : null;
}
