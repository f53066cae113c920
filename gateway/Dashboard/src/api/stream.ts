// A stream of server-sent events that is kept open.

import { base } from './http.ts';

export type StreamState = 'off' | 'connecting' | 'open' | 'interrupted';

export interface StreamHandler {
  onMessage(name: string, data: unknown): void;
  onState(state: StreamState): void;
}

const firstRetryMs = 500;
const longestRetryMs = 5000;

/**
 * EventSource reconnects by itself, with Last-Event-ID, when a connection breaks. When an answer is not a stream (a proxy's 502,
 * a 401) it gives up for good; then a new one is made, with growing pauses.
 */
export class EventStream {
  private source: EventSource | null = null;
  private retryMs = firstRetryMs;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly path: string,
    private readonly names: readonly string[],
    private readonly handler: StreamHandler,
  ) {}

  open(): void {
    if (this.source === null) {
      this.connect();
    }
  }

  close(): void {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
    this.retryMs = firstRetryMs;
    this.handler.onState('off');
  }

  private connect(): void {
    const source = new EventSource(base + this.path);
    this.source = source;
    this.handler.onState('connecting');
    source.onopen = () => {
      this.retryMs = firstRetryMs;
      this.handler.onState('open');
    };
    source.onerror = () => {
      this.handler.onState('interrupted');
      if (source.readyState === EventSource.CLOSED) {
        this.retry = setTimeout(() => this.connect(), this.retryMs);
        this.retryMs = Math.min(2 * this.retryMs, longestRetryMs);
      }
    };
    for (const name of this.names) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        this.handler.onMessage(name, JSON.parse(event.data) as unknown);
      });
    }
  }
}
