import { LitElement, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { Problem } from '../api/http.ts';
import type { Order } from '../api/operations.ts';
import type { Status } from '../api/status.ts';
import { barrierOf } from '../model/barrier.ts';
import { issuesOf } from '../model/health.ts';
import { holderOf } from '../model/orders.ts';
import { Gateway } from '../state/gateway.ts';
import { layout } from '../styles/layout.ts';
import { base } from '../styles/shared.ts';
import type { ConfirmDialog } from './confirm-dialog.ts';
import type { FlowsPanel } from './flows-panel.ts';
import type { LiveAnnouncer } from './live-announcer.ts';
import type { LoginDialog } from './login-dialog.ts';
import type { OrderRequest } from './order-button.ts';
import type { FlowsRequest } from './service-panel.ts';
import './app-header.ts';
import './confirm-dialog.ts';
import './connection-banner.ts';
import './event-log.ts';
import './failover-timeline.ts';
import './flows-panel.ts';
import './live-announcer.ts';
import './login-dialog.ts';
import './node-card.ts';
import './operations-panel.ts';
import './recorder-panel.ts';
import './service-panel.ts';
import './topology-view.ts';

/** The page: hands what is known of the gateway to the parts that show it, and their orders to the gateway. */
@customElement('dashboard-app')
export class DashboardApp extends LitElement {
  static override readonly styles = [base, layout];

  @query('live-announcer') private readonly announcer!: LiveAnnouncer;
  @query('login-dialog') private readonly loginDialog!: LoginDialog;
  @query('flows-panel') private readonly flowsPanel!: FlowsPanel | null;
  @query('confirm-dialog') private readonly confirmDialog!: ConfirmDialog | null;

  private readonly gateway = new Gateway({
    onChange: () => this.requestUpdate(),
    onNews: (text) => this.announcer.say(text),
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.gateway.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.gateway.stop();
  }

  /** Once a frame: a stream that begins brings hundreds of events at once. */
  protected override async scheduleUpdate(): Promise<void> {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    await super.scheduleUpdate();
  }

  protected override firstUpdated(): void {
    // The plots' library is a large part of the code, and nothing else waits for it.
    void import('./plots-panel.ts');
  }

  protected override updated(): void {
    const { status, link, needsLogIn } = this.gateway;
    if (needsLogIn) {
      this.confirmDialog?.close();
      this.loginDialog.open('The gateway shows nothing without a token.');
    }
    document.title = status === null ? 'Appliance' : `${link.state === 'lost' ? 'no answer' : holderOf(status)?.name ?? 'nobody'} – Appliance`;
  }

  override render() {
    const { status, session, link, needsLogIn } = this.gateway;
    const issues = status === null ? [] : issuesOf(status);
    return html`
      <nav aria-label="Shortcuts"><button type="button" class="skip" data-test="skip" @click=${this.skip}>Skip to the content</button></nav>
      <app-header .status=${status} .issues=${issues} .session=${session} .link=${link}
        @log-in=${() => this.loginDialog.open('Operating the gateway needs a token with the scope operate.')} @log-out=${this.logOut}></app-header>
      <connection-banner .link=${link}></connection-banner>
      <main id="main" tabindex="-1" data-test="main" class=${status === null || link.state === 'live' ? '' : 'stale'}
        @order-request=${this.onOrderRequest} @flows-request=${this.onFlowsRequest}>
        ${status === null ? html`<p class="waiting">${needsLogIn ? 'Nothing to see without a token.' : 'Waiting for the gateway…'}</p>` : this.renderParts(status)}
      </main>
      <login-dialog .isRequired=${needsLogIn} .logIn=${(token: string) => this.gateway.logIn(token)}></login-dialog>
      <live-announcer></live-announcer>
    `;
  }

  private renderParts(status: Status) {
    const { samples, changes, book: { operations }, log, client, eventsState, link, session } = this.gateway;
    const barrier = barrierOf(link.state === 'live', session, operations);
    return html`
      <topology-view class="major" .status=${status} .sample=${samples.at(-1) ?? null}></topology-view>
      <service-panel class="minor" .status=${status} .issues=${issuesOf(status)} .operations=${operations} .barrier=${barrier}></service-panel>
      <div class="nodes">
        ${repeat(status.nodes, ({ name }) => name, (node) => html`<node-card .client=${client} .node=${node} .status=${status} .samples=${samples} .barrier=${barrier}></node-card>`)}
      </div>
      <plots-panel .samples=${samples} .changes=${changes}></plots-panel>
      <failover-timeline class="major" .changes=${changes}></failover-timeline>
      <event-log class="minor" .entries=${log.entries} .stream=${eventsState}></event-log>
      <flows-panel .client=${client} .isLive=${link.state === 'live'}></flows-panel>
      <recorder-panel class="major" .status=${status}></recorder-panel>
      <operations-panel class="minor" .operations=${operations}></operations-panel>
      <confirm-dialog .status=${status} .client=${client} .barrier=${barrier} .give=${this.give}></confirm-dialog>
    `;
  }

  private readonly give = async (order: Order, acceptLoss: boolean, key: string): Promise<void> => {
    try {
      await this.gateway.order(order, acceptLoss, key);
    } catch (error) {
      if (error instanceof Problem && error.status === 403) {
        this.loginDialog.open(`The gateway refused: ${error.message}`);
      }
      throw error;
    }
  };

  private onOrderRequest(event: OrderRequest): void {
    void this.confirmDialog?.open(event.order);
  }

  private onFlowsRequest(event: FlowsRequest): void {
    this.flowsPanel?.showState(event.state);
  }

  private async logOut(): Promise<void> {
    try {
      await this.gateway.logOut();
    } catch (error) {
      this.announcer.say(`Logging out failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A link could not do it: its target would have to be outside of the shadow tree. */
  private skip(): void {
    this.renderRoot.querySelector<HTMLElement>('#main')?.focus();
  }
}
