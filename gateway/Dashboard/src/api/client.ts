// The gateway's REST interface, as far as the dashboard uses it.

import type { FlowPage, FlowQuery, FlowStatus } from './flows.ts';
import { toQueryString } from './flows.ts';
import { Problem, base, send } from './http.ts';
import type { Request } from './http.ts';
import type { NodeAccount, NodeHealth } from './nodes.ts';
import type { Operation, Order } from './operations.ts';
import type { Session } from './session.ts';
import type { Status } from './status.ts';

const logLines = 200;

export class ApiClient {
  private csrfToken: string | null = null;

  /** @param onUnauthorized Is told when the gateway asks for a log-in. */
  constructor(private readonly onUnauthorized: () => void) {}

  async readStatus(): Promise<Status> {
    return this.read<Status>('status');
  }

  async readFlows(query: FlowQuery, signal: AbortSignal): Promise<FlowPage> {
    const response = await this.send(`flows?${toQueryString(query)}`, { signal });
    const flows = (await response.json()) as readonly FlowStatus[];
    return { flows, total: Number(response.headers.get('X-Total-Count') ?? flows.length) };
  }

  async readOperations(): Promise<readonly Operation[]> {
    return this.read<readonly Operation[]>('operations');
  }

  async readOperation(id: string): Promise<Operation> {
    return this.read<Operation>(`operations/${encodeURIComponent(id)}`);
  }

  /** The agent's own interface, which the gateway passes on. */
  async readNode(name: string): Promise<NodeAccount> {
    const path = `nodes/${encodeURIComponent(name)}`;
    const [health, counters, log] = await Promise.all([
      this.request(`${path}/health`).then((response) => response.json() as Promise<NodeHealth>),
      this.request(`${path}/counters`).then((response) => response.json() as Promise<NodeAccount['counters']>),
      this.readLog(`${path}/log?lines=${logLines}`),
    ]);
    return { health, counters, log };
  }

  async readSession(): Promise<Session> {
    return this.keep(await this.read<Session>('session'));
  }

  /** A refusal here means a wrong token, not a session that has ended. */
  async logIn(token: string): Promise<Session> {
    const response = await send(`${base}session`, { method: 'POST', body: { token } });
    return this.keep((await response.json()) as Session);
  }

  async logOut(): Promise<void> {
    await this.change('session', { method: 'DELETE' });
    this.csrfToken = null;
  }

  /**
   * Orders something, and does not wait for it.
   * @param key Names the request: repeated under the same key it is not carried out twice.
   */
  async order(order: Order, acceptLoss: boolean, key: string): Promise<Operation> {
    const headers = { 'Idempotency-Key': key, Prefer: 'respond-async' };
    const response = await ('node' in order
      ? this.change(`nodes/${encodeURIComponent(order.node)}/drain`, {
          headers,
          ...(order.kind === 'drain' ? { method: 'POST', body: { acceptLoss } } : { method: 'DELETE' }),
        })
      : this.change('failover', { method: 'POST', headers, body: { kind: order.kind, acceptLoss } }));
    return (await response.json()) as Operation;
  }

  private keep(session: Session): Session {
    this.csrfToken = session.csrfToken;
    return session;
  }

  private async read<T>(path: string): Promise<T> {
    const response = await this.send(path);
    return (await response.json()) as T;
  }

  private async readLog(path: string): Promise<string | null> {
    try {
      return await (await this.request(path)).text();
    } catch (error) {
      if (error instanceof Problem && error.status === 404) {
        return null;
      }
      throw error;
    }
  }

  /** Another tab may have logged in anew, which voids this one's CSRF token but not the cookie: then once more with the new one. */
  private async change(path: string, request: Request): Promise<Response> {
    const sent = this.csrfToken;
    try {
      return await this.send(path, this.withCsrfToken(request));
    } catch (error) {
      if (!(error instanceof Problem && error.status === 403)) {
        throw error;
      }
      await this.readSession();
      if (this.csrfToken === sent) {
        throw error;
      }
      return this.send(path, this.withCsrfToken(request));
    }
  }

  private withCsrfToken(request: Request): Request {
    return this.csrfToken === null
      ? request
      : { ...request, headers: { ...request.headers, 'X-CSRF-Token': this.csrfToken } };
  }

  private send(path: string, request?: Request): Promise<Response> {
    return this.request(base + path, request);
  }

  private async request(path: string, request?: Request): Promise<Response> {
    try {
      return await send(path, request);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        this.onUnauthorized();
      }
      throw error;
    }
  }
}

/** Where the recording of a flow can be had as a savefile. */
export function recordingOf(flow: string): string {
  return `${base}recordings/${encodeURIComponent(flow)}.pcap`;
}
