import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ApiClient } from '../api/client.ts';
import type { Order } from '../api/operations.ts';
import type { NodeStatus, Status } from '../api/status.ts';
import type { Sample } from '../api/telemetry.ts';
import { formatCount, formatMilliseconds, formatSeconds } from '../model/format.ts';
import { describeBeats } from '../model/heartbeats.ts';
import { refusalOf } from '../model/orders.ts';
import { base, controls, facts, panel } from '../styles/shared.ts';
import { glyph, glyphStyles } from './glyph.ts';
import { orderButton } from './order-button.ts';
import './heartbeat-strip.ts';
import './node-agent.ts';

/** One node: its role, its heartbeats, its replicas. */
@customElement('node-card')
export class NodeCard extends LitElement {
  static override readonly styles = [
    base,
    panel,
    controls,
    facts,
    glyphStyles,
    css`
      .role {
        font-weight: 600;
      }

      .orders {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 10px;
        align-items: center;
        margin-left: auto;
      }

      .trouble {
        margin: 8px 0 0;
      }

      .caption {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 12px;
        margin: 10px 0 3px;
        font-size: 12px;
      }
    `,
  ];

  @property({ attribute: false }) client!: ApiClient;
  @property({ attribute: false }) node!: NodeStatus;
  @property({ attribute: false }) status!: Status;
  @property({ attribute: false }) samples: readonly Sample[] = [];
  @property({ attribute: false }) barrier: string | null = null;

  override render() {
    const { node } = this;
    return html`
      <section class="panel" aria-labelledby="title" data-test="node-${node.name}" data-role=${node.role}>
        <header>
          <h2 id="title">${node.name}</h2>
          <span class="role" data-test="role-${node.name}">${glyph(node.role)} ${node.role}</span>
          ${node.drained && node.role !== 'drained' ? html`<span>${glyph('drained')} drained</span>` : nothing}
          <div class="orders">${this.renderOrder()}</div>
        </header>
        ${this.renderFacts()}
        ${this.renderTrouble()}
        <p class="caption muted"><span>Heartbeats, last two minutes</span><span>${describeBeats(this.samples, node.name)}</span></p>
        <heartbeat-strip .samples=${this.samples} node=${node.name}></heartbeat-strip>
        <node-agent .client=${this.client} node=${node.name}></node-agent>
      </section>
    `;
  }

  private renderOrder() {
    const { name, drained } = this.node;
    const order: Order = { kind: drained ? 'undrain' : 'drain', node: name };
    const refusal = this.barrier ?? refusalOf(order, this.status);
    return html`
      ${refusal === null ? nothing : html`<span class="hidden-text" id="reason">${refusal}</span>`}
      ${orderButton(this, {
        order, label: drained ? `Let ${name} in again…` : `Drain ${name}…`, tone: '', test: `${order.kind}-${name}`, refusal, reasonId: 'reason',
      })}
    `;
  }

  private renderFacts() {
    const { address, mac, epoch, lastHeardMs, detectionTimeoutMs, flows } = this.node;
    const isBehind = epoch !== this.status.epoch;
    return html`
      <dl class="facts">
        <div>
          <dt>Epoch</dt>
          <dd data-test="epoch-${this.node.name}">${epoch}${isBehind ? html` <span class="muted">(in force: ${this.status.epoch})</span>` : nothing}</dd>
        </div>
        <div><dt>Last heard</dt><dd>${lastHeardMs === null ? 'never' : describeAge(lastHeardMs)}</dd></div>
        <div><dt>Silence allowed</dt><dd>${detectionTimeoutMs === 0 ? 'not known' : formatMilliseconds(detectionTimeoutMs)}</dd></div>
        <div><dt>Replicas in step</dt><dd>${formatCount(flows.inStep)} of ${formatCount(flows.replicas)}</dd></div>
        <div><dt>Diverged</dt><dd>${formatCount(flows.diverged)}</dd></div>
        <div><dt>Held segments</dt><dd>${formatCount(flows.held)}</dd></div>
        <div><dt>Address</dt><dd class="mono">${address}</dd></div>
        <div><dt>MAC</dt><dd class="mono">${mac}</dd></div>
      </dl>
    `;
  }

  private renderTrouble() {
    const { deaf, serverEnded, serverFailing, serverStalledMs } = this.node;
    const troubles = [
      deaf ? 'It is heard and does not hear: the way to it is cut.' : '',
      serverEnded ? 'A server that it had has ended.' : '',
      serverFailing ? 'A probe of its servers fails.' : '',
      serverStalledMs > 0 ? `Its servers have left input unread for ${formatMilliseconds(serverStalledMs)}.` : '',
    ].filter((text) => text !== '');
    return troubles.length === 0
      ? nothing
      : html`<ul class="trouble" data-test="trouble-${this.node.name}">${troubles.map((text) => html`<li>${glyph('warning')} ${text}</li>`)}</ul>`;
  }
}

function describeAge(milliseconds: number): string {
  return `${milliseconds < 1000 ? formatMilliseconds(milliseconds) : formatSeconds(milliseconds / 1000)} ago`;
}
