import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ApiClient } from '../api/client.ts';
import { Problem } from '../api/http.ts';
import type { NodeAccount } from '../api/nodes.ts';
import { formatMilliseconds } from '../model/format.ts';
import { Poller } from '../state/poller.ts';
import { base } from '../styles/shared.ts';
import { countersStyles, renderCounters } from './counters-view.ts';

const pauseMs = 2000;

/** What the gateway answers for a node that does not: not reached, left alone since, too late. */
const silences: readonly number[] = [502, 503, 504];

/** What a node's agent says of itself. Asked for while somebody looks at it. */
@customElement('node-agent')
export class NodeAgent extends LitElement {
  static override readonly styles = [
    base,
    countersStyles,
    css`
      details {
        margin-top: 8px;
      }

      pre {
        max-height: 200px;
        margin: 8px 0 0;
        padding: 8px;
        overflow: auto;
        border-radius: 5px;
        background: var(--sunken);
      }
    `,
  ];

  @property({ attribute: false }) client!: ApiClient;
  @property() node = '';

  @state() private account: NodeAccount | null = null;
  @state() private problem = '';

  private readonly poller = new Poller(() => this.load(), () => pauseMs);

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.poller.stop();
  }

  override render() {
    return html`<details @toggle=${this.onToggle}>
      <summary data-test="agent-${this.node}">What its agent says</summary>
      ${this.problem === '' ? nothing : html`<p data-test="agent-problem-${this.node}">It cannot be asked: ${this.problem}</p>`}
      ${this.account === null ? nothing : this.renderAccount(this.account)}
    </details>`;
  }

  private renderAccount({ health, counters, log }: NodeAccount) {
    const { role, epoch, gatewayHeardMs } = health;
    return html`
      <p data-test="agent-says-${this.node}" data-role=${role}>
        It is the ${role} of epoch ${epoch}, and ${gatewayHeardMs === null ? 'has never heard the gateway' : `heard the gateway ${formatMilliseconds(gatewayHeardMs)} ago`}.
      </p>
      ${renderCounters(counters)}
      ${log === null ? nothing : html`<pre class="mono" tabindex="0" role="region" aria-label="Log of the server on ${this.node}">${log}</pre>`}
    `;
  }

  private onToggle(event: Event): void {
    if ((event.target as HTMLDetailsElement).open) {
      this.poller.start();
    } else {
      this.poller.stop();
    }
  }

  private async load(): Promise<void> {
    try {
      this.account = await this.client.readNode(this.node);
      this.problem = '';
    } catch (error) {
      this.account = null;
      this.problem = describe(error);
    }
  }
}

function describe(error: unknown): string {
  if (error instanceof Problem && error.status === 404) {
    return 'the gateway\'s configuration does not say where (nodes[].api).';
  }
  return error instanceof Problem && silences.includes(error.status) ? 'it does not answer.' : String(error instanceof Error ? error.message : error);
}
