// What the page knows of the gateway, and how it keeps up.

import { ApiClient } from '../api/client.ts';
import type { AssignmentChange, GatewayEvent } from '../api/events.ts';
import { eventKinds } from '../api/events.ts';
import { Problem } from '../api/http.ts';
import type { Order } from '../api/operations.ts';
import type { Session } from '../api/session.ts';
import type { Status } from '../api/status.ts';
import type { StreamState } from '../api/stream.ts';
import { EventStream } from '../api/stream.ts';
import type { Sample } from '../api/telemetry.ts';
import { formatSeconds } from '../model/format.ts';
import { appendSample, mergeChanges } from '../model/merge.ts';
import { describeRoleChanges } from '../model/role-changes.ts';
import { EventLog } from './event-log.ts';
import type { Link } from './link.ts';
import { LinkWatch } from './link.ts';
import { OperationBook } from './operation-book.ts';
import { Poller } from './poller.ts';

const pauseMs = 1000;
const pauseAfterFailureMs = 300;
const pauseWhileHiddenMs = 10_000;

export interface GatewayListener {
  /** Something that is shown has changed. */
  onChange(): void;
  /** Something has happened that is worth being read out. */
  onNews(text: string): void;
}

export class Gateway {
  status: Status | null = null;
  session: Session | null = null;
  needsLogIn = false;
  changes: readonly AssignmentChange[] = [];
  samples: readonly Sample[] = [];
  eventsState: StreamState = 'off';
  readonly log = new EventLog();
  readonly book = new OperationBook((outcome) => this.listener.onNews(outcome));
  readonly client = new ApiClient(() => this.requireLogIn());

  private readonly watch = new LinkWatch();
  private readonly poller = new Poller(() => this.look(), () => this.pauseMs());
  private readonly events = new EventStream('events', eventKinds, {
    onMessage: (_, data) => this.onEvent(data as GatewayEvent),
    onState: (state) => this.onEventsState(state),
  });
  private readonly telemetry = new EventStream('telemetry', ['sample'], {
    onMessage: (_, data) => this.onSample(data as Sample),
    onState: () => undefined,
  });

  constructor(private readonly listener: GatewayListener) {}

  get link(): Link {
    return this.watch.link;
  }

  start(): void {
    document.addEventListener('visibilitychange', this.onVisibility);
    this.poller.start();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.poller.stop();
    this.closeStreams();
  }

  async logIn(token: string): Promise<void> {
    this.session = await this.client.logIn(token);
    this.needsLogIn = false;
    this.listener.onChange();
    this.poller.start();
  }

  async logOut(): Promise<void> {
    await this.client.logOut();
    this.closeStreams();
    this.forget();
    this.poller.soon();
  }

  /** Orders something; its outcome comes as an event. */
  async order(order: Order, acceptLoss: boolean, key: string): Promise<void> {
    try {
      this.book.order(await this.client.order(order, acceptLoss, key));
      this.listener.onChange();
    } catch (error) {
      if (error instanceof Problem && error.status === 403) {
        // The session may do less than it could when the page asked.
        this.session = null;
      }
      throw error;
    } finally {
      this.poller.soon();
    }
  }

  /** Who comes next need not be allowed to see it. */
  private forget(): void {
    this.session = null;
    this.status = null;
    this.changes = [];
    this.samples = [];
    this.book.clear();
    this.log.clear();
    this.listener.onChange();
  }

  private pauseMs(): number {
    return document.hidden ? pauseWhileHiddenMs : this.watch.isDoubtful ? pauseAfterFailureMs : pauseMs;
  }

  private async look(): Promise<void> {
    const before = this.session;
    try {
      // A gateway that was away may have forgotten its sessions, and still let anybody read.
      const known = this.link.state === 'lost' ? null : before;
      const [session, status] = await Promise.all([known ?? this.client.readSession(), this.client.readStatus()]);
      if (this.session !== before) {
        return; // somebody has logged in or out meanwhile, and the next look is for them
      }
      this.session = session;
      this.onStatus(status);
      if (this.eventsState !== 'open') {
        await this.book.follow(this.client);
      }
    } catch (error) {
      if (!(error instanceof Problem && error.status === 401)) {
        this.onFailure(error);
      }
    }
    this.listener.onChange();
  }

  private onStatus(status: Status): void {
    const before = this.status;
    const lostMs = this.watch.succeeded(Date.now());
    this.status = status;
    this.changes = mergeChanges(this.changes, status.events);
    const wasRestarted = before !== null && before.startedAt !== status.startedAt;
    if (lostMs !== null || wasRestarted) {
      this.onReturn(lostMs, wasRestarted);
    }
    describeRoleChanges(before?.nodes ?? [], status.nodes).forEach((text) => this.listener.onNews(text));
    this.openStreams();
  }

  private onFailure(error: unknown): void {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
    if (this.watch.failed(Date.now(), reason)) {
      this.log.note(`The gateway does not answer (${reason})`);
      this.listener.onNews('The gateway does not answer');
    }
  }

  private onReturn(lostMs: number | null, wasRestarted: boolean): void {
    const again = lostMs === null ? '' : `The gateway answers again after ${formatSeconds(lostMs / 1000)}`;
    const text = [again, wasRestarted ? 'The gateway was restarted' : ''].filter((part) => part !== '').join('. ');
    this.log.note(text);
    this.listener.onNews(text);
    // A stream over a connection whose other end has vanished looks open for minutes.
    this.closeStreams();
  }

  private requireLogIn(): void {
    this.session = null;
    this.needsLogIn = true;
    this.watch.refused();
    this.poller.stop();
    this.closeStreams();
    this.listener.onChange();
  }

  /** Browsers allow six connections to a host over HTTP/1.1: a tab that nobody sees must not hold two of them. */
  private readonly onVisibility = (): void => {
    if (document.hidden) {
      this.closeStreams();
    } else {
      this.poller.soon();
    }
  };

  private openStreams(): void {
    if (document.hidden || this.needsLogIn) {
      return;
    }
    if (this.eventsState === 'off') {
      void this.readOperations();
    }
    this.events.open();
    this.telemetry.open();
  }

  private closeStreams(): void {
    this.events.close();
    this.telemetry.close();
  }

  private onEventsState(state: StreamState): void {
    this.eventsState = state;
    if (state === 'interrupted') {
      // Often the first sign that the gateway is gone.
      this.poller.soon();
    }
    this.listener.onChange();
  }

  private onEvent(event: GatewayEvent): void {
    if (!this.log.add(event)) {
      return;
    }
    if (event.kind === 'operation') {
      this.book.keep(event.operation);
    }
    this.poller.soon();
    this.listener.onChange();
  }

  private onSample(sample: Sample): void {
    this.samples = appendSample(this.samples, sample);
    this.listener.onChange();
  }

  private async readOperations(): Promise<void> {
    try {
      (await this.client.readOperations()).forEach((operation) => this.book.keep(operation));
      this.listener.onChange();
    } catch {
      // The status is asked for at the same time, and tells what is wrong.
    }
  }
}
