// One page of the connections, asked for anew while somebody looks at it.

import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ApiClient } from '../api/client.ts';
import type { FlowOrder, FlowPage, FlowQuery } from '../api/flows.ts';
import { Poller } from './poller.ts';

const pauseMs = 2000;
const firstQuery: FlowQuery = { state: '', text: '', order: 'flow', descending: false, limit: 50, offset: 0 };

export class FlowList implements ReactiveController {
  query = firstQuery;
  page: FlowPage | null = null;
  /** Why the last request failed; empty while all is well. */
  problem = '';
  isLoading = false;
  client: ApiClient | null = null;

  private isLive = false;
  private isSeen = false;
  private request = new AbortController();
  private readonly poller = new Poller(() => this.load(), () => pauseMs);
  private readonly sight = new IntersectionObserver((entries) => this.onSight(entries.at(-1)?.isIntersecting ?? false));
  private readonly onVisibility = () => this.decide();

  constructor(private readonly host: ReactiveControllerHost & Element) {
    host.addController(this);
  }

  hostConnected(): void {
    this.sight.observe(this.host);
    document.addEventListener('visibilitychange', this.onVisibility);
  }

  hostDisconnected(): void {
    this.sight.disconnect();
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.poller.stop();
  }

  /** While the gateway does not answer, the list stays as it was. */
  setLive(isLive: boolean): void {
    this.isLive = isLive;
    this.decide();
  }

  /** Another filter or order begins with its first page. */
  filter(change: Partial<Pick<FlowQuery, 'state' | 'text' | 'limit'>>): void {
    this.ask({ ...this.query, ...change, offset: 0 });
  }

  /** The same column again turns the order round; numbers begin with the largest. */
  sort(order: FlowOrder): void {
    const descending = order === this.query.order ? !this.query.descending : order !== 'flow' && order !== 'state';
    this.ask({ ...this.query, order, descending, offset: 0 });
  }

  goTo(offset: number): void {
    this.ask({ ...this.query, offset: Math.max(0, offset) });
  }

  private ask(query: FlowQuery): void {
    this.query = query;
    this.request.abort();
    this.isLoading = true;
    this.host.requestUpdate();
    this.poller.soon();
  }

  private onSight(isSeen: boolean): void {
    this.isSeen = isSeen;
    this.decide();
  }

  private decide(): void {
    if (this.isSeen && this.isLive && !document.hidden) {
      this.poller.start();
    } else {
      this.poller.stop();
    }
  }

  private async load(): Promise<void> {
    const { query } = this;
    this.request = new AbortController();
    const { signal } = this.request;
    try {
      const page = await this.client?.readFlows(query, signal) ?? null;
      if (page !== null && page.flows.length === 0 && page.total > 0) {
        this.goTo(Math.floor((page.total - 1) / query.limit) * query.limit); // the list has become shorter
        return;
      }
      this.page = page;
      this.problem = '';
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.isLoading = false;
    this.host.requestUpdate();
  }
}
