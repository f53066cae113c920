// The operations that the page knows of.

import type { ApiClient } from '../api/client.ts';
import { Problem } from '../api/http.ts';
import type { Operation } from '../api/operations.ts';
import { describeOperation } from '../model/event-text.ts';
import { mergeOperations } from '../model/merge.ts';

const forgotten = 'The gateway was restarted meanwhile and has forgotten it. The topology shows who holds the service.';

export class OperationBook {
  /** Latest first. */
  operations: readonly Operation[] = [];

  private readonly ordered = new Set<string>();

  /** @param onOutcome Is told of the outcome of what was ordered on this page. */
  constructor(private readonly onOutcome: (text: string) => void) {}

  /** One that was ordered on this page. */
  order(operation: Operation): void {
    this.ordered.add(operation.id);
    this.keep(operation);
  }

  keep(operation: Operation): void {
    const known = this.operations.find(({ id }) => id === operation.id);
    if (known !== undefined && known.state !== 'running') {
      return; // what comes late is older
    }
    this.operations = mergeOperations(this.operations, [operation]);
    if (operation.state !== 'running' && this.ordered.delete(operation.id)) {
      this.onOutcome(describeOperation(operation));
    }
  }

  clear(): void {
    this.operations = [];
    this.ordered.clear();
  }

  /** Asks for those under way, for when no stream tells of them. A restarted gateway does not know them any more. */
  async follow(client: ApiClient): Promise<void> {
    for (const operation of this.operations.filter(({ state }) => state === 'running')) {
      this.keep(await ask(client, operation));
    }
  }
}

async function ask(client: ApiClient, operation: Operation): Promise<Operation> {
  try {
    return await client.readOperation(operation.id);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) {
      return { ...operation, state: 'unknown', problem: forgotten };
    }
    throw error;
  }
}
