import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { recordingOf } from '../api/client.ts';
import type { FlowOrder, FlowStatus, ReplicaStatus } from '../api/flows.ts';
import { formatBytes, formatSeconds } from '../model/format.ts';
import { base, controls } from '../styles/shared.ts';
import { glyph, glyphStyles } from './glyph.ts';

export class SortRequest extends Event {
  constructor(readonly order: FlowOrder) {
    super('sort-request');
  }
}

interface Heading {
  readonly text: string;
  readonly order: FlowOrder | null;
  readonly isNumber: boolean;
}

const headings: readonly Heading[] = [
  { text: 'Client → service', order: 'flow', isNumber: false },
  { text: 'State', order: 'state', isNumber: false },
  { text: 'Lag', order: 'lag', isNumber: true },
  { text: 'Replicas', order: null, isNumber: false },
  { text: 'Age', order: 'age', isNumber: true },
  { text: 'Idle', order: 'idle', isNumber: true },
  { text: 'From client', order: 'clientBytes', isNumber: true },
  { text: 'From server', order: 'serverBytes', isNumber: true },
  { text: 'Recorded', order: null, isNumber: true },
];

const replicaTexts: Readonly<Record<ReplicaStatus['state'], string>> = {
  inStep: 'in step',
  catchingUp: 'catching up',
  making: 'being made',
  diverged: 'diverged',
  none: 'none',
};

/** One page of connections. Fires `sort-request`. */
@customElement('flows-table')
export class FlowsTable extends LitElement {
  static override readonly styles = [
    base,
    controls,
    glyphStyles,
    css`
      .scroll {
        max-height: 560px;
        overflow: auto;
        border: 1px solid var(--line);
        border-radius: 5px;
      }

      table {
        width: 100%;
        border-collapse: collapse;
        white-space: nowrap;
      }

      th {
        position: sticky;
        top: 0;
        z-index: 1;
        padding: 0;
        background: var(--sunken);
        text-align: left;
        font-weight: 550;
      }

      th button,
      th span {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        min-height: 30px;
        padding: 5px 10px;
        border: 0;
        background: none;
        color: var(--muted);
      }

      th[aria-sort] button {
        color: var(--text);
      }

      th button:focus-visible,
      .scroll:focus-visible {
        outline-offset: -2px;
      }

      td {
        padding: 3px 10px;
        border-top: 1px solid var(--line);
      }

      tbody tr:hover {
        background: var(--sunken);
      }

      .number {
        text-align: right;
      }

      @media (max-width: 560px) {
        .mono span {
          display: block;
        }
      }
    `,
  ];

  @property({ attribute: false }) flows: readonly FlowStatus[] = [];
  @property({ attribute: false }) order: FlowOrder = 'flow';
  @property({ attribute: false }) descending = false;

  override render() {
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label="List of connections">
        <table data-test="flows-table">
          <thead><tr>${headings.map((heading) => this.renderHeading(heading))}<th><span class="hidden-text">Recording</span></th></tr></thead>
          <tbody>${repeat(this.flows, ({ flow }) => flow, renderFlow)}</tbody>
        </table>
      </div>
    `;
  }

  private renderHeading({ text, order, isNumber }: Heading) {
    const tone = isNumber ? 'number' : '';
    if (order === null) {
      return html`<th scope="col" class=${tone}><span>${text}</span></th>`;
    }
    const button = html`<button type="button" data-test="sort-${order}" @click=${() => this.dispatchEvent(new SortRequest(order))}>
      ${text} <b aria-hidden="true">${order === this.order ? (this.descending ? '↓' : '↑') : ''}</b>
    </button>`;
    return order === this.order
      ? html`<th scope="col" class=${tone} aria-sort=${this.descending ? 'descending' : 'ascending'}>${button}</th>`
      : html`<th scope="col" class=${tone}>${button}</th>`;
  }
}

/** The recording opens a window: it is saved from there, or the gateway says there why nothing is held. */
function renderFlow({ flow, state, ageSeconds, idleSeconds, clientBytes, serverBytes, recordedBytes, replicas }: FlowStatus) {
  const [client, service] = flow.split('->');
  return html`<tr data-test="flow" data-state=${state}>
    <td class="mono"><span>${client}</span><span> → ${service}</span></td>
    <td>${glyph(state)} ${state}</td>
    <td class="number">${lagOf(replicas)}</td>
    <td>${replicas.map(({ node, state: replica }) => `${node}: ${replicaTexts[replica] ?? replica}`).join(', ') || 'none'}</td>
    <td class="number">${formatSeconds(ageSeconds)}</td>
    <td class="number">${formatSeconds(idleSeconds)}</td>
    <td class="number">${formatBytes(clientBytes)}</td>
    <td class="number">${formatBytes(serverBytes)}</td>
    <td class="number">${formatBytes(recordedBytes)}</td>
    <td><a href=${recordingOf(flow)} target="_blank" aria-label="pcap of ${flow}">pcap</a></td>
  </tr>`;
}

/** The largest, as the gateway sorts by it. */
function lagOf(replicas: readonly ReplicaStatus[]): string {
  const lags = replicas.flatMap(({ lagBytes }) => (lagBytes === null ? [] : [lagBytes]));
  return lags.length === 0 ? '–' : formatBytes(Math.max(...lags));
}
