import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Operation, Order } from '../api/operations.ts';
import type { FlowState, ServiceStatus, Status } from '../api/status.ts';
import { formatCount, formatQuantity } from '../model/format.ts';
import type { Issue } from '../model/health.ts';
import { refusalOf } from '../model/orders.ts';
import { base, controls, panel, stacked } from '../styles/shared.ts';
import { glyph, glyphStyles } from './glyph.ts';
import { operationStyles, renderOperation } from './operation-view.ts';
import { orderButton } from './order-button.ts';
import { properties } from './properties.ts';

const states: readonly FlowState[] = ['protected', 'repairing', 'unprotected', 'diverged'];
const planned: Order = { kind: 'planned' };
const forced: Order = { kind: 'forced' };

interface Share {
  readonly state: FlowState;
  readonly count: number;
}

/** Somebody wants to see the connections in a state. */
export class FlowsRequest extends Event {
  constructor(readonly state: FlowState) {
    super('flows-request', { bubbles: true, composed: true });
  }
}

/** How the connections fare, what is wrong, and the switchovers. */
@customElement('service-panel')
export class ServicePanel extends LitElement {
  static override readonly styles = [
    base,
    panel,
    stacked,
    controls,
    glyphStyles,
    operationStyles,
    css`
      .bar {
        display: flex;
        gap: 2px;
        height: 8px;
        margin-bottom: 5px;
      }

      .bar span {
        flex: var(--share) 0 0;
        border-radius: 2px;
        background: currentColor;
      }

      .bar .none {
        flex: 1;
        color: var(--line);
      }

      .counts {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 18px;
        white-space: nowrap;
      }

      .count {
        padding: 2px 4px;
        margin-left: -4px;
        border: 0;
        font-weight: 400;
      }

      .issues li {
        display: flex;
        gap: 7px;
        align-items: baseline;
      }

      .orders {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }

      .reason {
        flex-basis: 100%;
        color: var(--muted);
      }

      .protected {
        color: var(--good);
      }

      .repairing {
        color: var(--accent);
      }

      .unprotected {
        color: var(--warning);
      }

      .diverged {
        color: var(--odd);
      }
    `,
  ];

  @property({ attribute: false }) status!: Status;
  @property({ attribute: false }) issues: readonly Issue[] = [];
  @property({ attribute: false }) operations: readonly Operation[] = [];
  /** Why nothing can be ordered; null when orders are possible. */
  @property({ attribute: false }) barrier: string | null = null;

  override render() {
    return html`
      <section class="panel" aria-labelledby="title" data-test="service">
        <header>
          <h2 id="title">Service</h2>
          <span class="muted">${this.status.services.map(describeService).join('; ')}</span>
        </header>
        ${this.renderProtection()}
        ${this.renderIssues()}
        ${this.renderOrders()}
        ${this.renderLatest()}
      </section>
    `;
  }

  private renderProtection() {
    const counted: readonly Share[] = states.map((state) => ({ state, count: this.status.recorder.states[state] ?? 0 }));
    return html`
      <div>
        <div class="bar" aria-hidden="true">
          ${counted.every(({ count }) => count === 0)
            ? html`<span class="none"></span>`
            : counted.filter(({ count }) => count > 0).map(renderShare)}
        </div>
        <ul class="counts" aria-label="${formatQuantity(this.status.flows, 'open connection')} by state">
          ${counted.map((share) => this.renderCount(share))}
        </ul>
      </div>
    `;
  }

  private renderCount({ state, count }: Share) {
    return html`<li>
      <button type="button" class="count" data-test="show-${state}" title="List these connections"
        @click=${() => this.dispatchEvent(new FlowsRequest(state))}>
        ${glyph(state)} <b data-test="count-${state}">${formatCount(count)}</b> ${state}
      </button>
    </li>`;
  }

  private renderIssues() {
    return this.issues.length === 0
      ? nothing
      : html`<ul class="issues" aria-label="What needs attention" data-test="issues">
          ${this.issues.map(({ level, text }) => html`<li data-level=${level}>${glyph(level)} <span>${text}</span></li>`)}
        </ul>`;
  }

  private renderOrders() {
    const refusals = [planned, forced].map((order) => this.barrier ?? refusalOf(order, this.status));
    const [plannedRefusal = null, forcedRefusal = null] = refusals;
    const reasons = [...new Set(refusals)].filter((reason) => reason !== null).join(' ');
    return html`
      <div class="orders">
        ${orderButton(this, {
          order: planned, label: 'Planned switchover…', tone: 'primary', test: 'failover-planned', refusal: plannedRefusal, reasonId: 'reason',
        })}
        ${orderButton(this, {
          order: forced, label: 'Forced switchover…', tone: 'danger', test: 'failover-forced', refusal: forcedRefusal, reasonId: 'reason',
        })}
        <p class="reason" id="reason" data-test="orders-reason" ?hidden=${reasons === ''}>${reasons}</p>
      </div>
    `;
  }

  private renderLatest() {
    const [latest] = this.operations;
    return latest === undefined ? nothing : html`<div><h3>Latest operation</h3>${renderOperation(latest, 'latest-operation')}</div>`;
  }
}

function renderShare({ state, count }: Share) {
  return html`<span class=${state} ${properties({ '--share': count })}></span>`;
}

function describeService({ name, addresses, ports, output, hot, flows }: ServiceStatus): string {
  const voices = output !== 'silent' || hot > 0 ? `, output ${output} for ${formatCount(hot)} of ${formatCount(flows)}` : '';
  return `${name}: ${addresses.join(', ')}${ports === 'any' ? '' : ` port ${ports}`}${voices}`;
}
