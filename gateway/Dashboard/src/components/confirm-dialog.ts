import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ApiClient } from '../api/client.ts';
import { Problem } from '../api/http.ts';
import type { Order } from '../api/operations.ts';
import type { FlowState, Status } from '../api/status.ts';
import { formatQuantity } from '../model/format.ts';
import { consequencesOf, exposureOf, lossesOf, titleOf } from '../model/order-text.ts';
import { costOf, refusalOf } from '../model/orders.ts';
import { base, controls } from '../styles/shared.ts';
import { dialogStyles } from './dialog-styles.ts';
import { glyph, glyphStyles } from './glyph.ts';

const examples = 5;

/** Spells out what an order does and costs, from the latest status, before it is given. */
@customElement('confirm-dialog')
export class ConfirmDialog extends LitElement {
  static override readonly styles = [
    base,
    controls,
    dialogStyles,
    glyphStyles,
    css`
      .losses {
        padding: 8px 10px;
        border: 1px solid var(--bad);
        border-radius: 5px;
        background: var(--bad-wash);
      }

      .exposure {
        padding: 8px 10px;
        border-radius: 5px;
        background: var(--warning-wash);
      }

      label {
        display: flex;
        gap: 8px;
        align-items: baseline;
        margin-top: 8px;
        font-weight: 550;
      }

      .examples {
        padding-left: 18px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) status!: Status;
  @property({ attribute: false }) client!: ApiClient;
  /** Why nothing can be ordered any more; null while it can. */
  @property({ attribute: false }) barrier: string | null = null;
  @property({ attribute: false }) give!: (order: Order, acceptLoss: boolean, key: string) => Promise<void>;

  @state() private order: Order | null = null;
  /** As many lost connections were accepted; if more would be lost now, that has to be accepted anew. */
  @state() private accepted = 0;
  @state() private problem = '';
  @state() private isBusy = false;
  @state() private named: readonly string[] = [];

  @query('dialog') private readonly dialog!: HTMLDialogElement;

  private key = '';

  async open(order: Order): Promise<void> {
    this.order = order;
    this.accepted = 0;
    this.problem = '';
    this.named = [];
    this.key = newKey();
    await this.updateComplete;
    this.dialog.showModal();
    if (costOf(order, this.status).total > 0) {
      this.named = await this.findLost().catch(() => []);
    }
  }

  close(): void {
    this.dialog.close();
  }

  override render() {
    return html`<dialog aria-labelledby="title" data-test="confirm-dialog" data-kind=${this.order?.kind ?? nothing} @close=${() => (this.order = null)}>
      ${this.order === null ? nothing : this.renderOrder(this.order)}
    </dialog>`;
  }

  private renderOrder(order: Order) {
    const cost = costOf(order, this.status);
    const refusal = this.barrier ?? refusalOf(order, this.status);
    const exposure = exposureOf(order, this.status);
    const isArmed = refusal === null && cost.total <= this.accepted && !this.isBusy;
    return html`
      <h2 id="title">${titleOf(order, this.status)}</h2>
      <div class="content">
        ${consequencesOf(order, this.status).map((text) => html`<p>${text}</p>`)}
        ${cost.total === 0
          ? html`<p data-test="confirm-cost" data-cost="0">${glyph('good')} No connection is lost.</p>`
          : this.renderLosses(order)}
        ${exposure === null ? nothing : html`<p class="exposure" data-test="confirm-exposure">${glyph('warning')} ${exposure}</p>`}
        <p class="problem" role="alert" data-test="confirm-problem" ?hidden=${this.problem === ''}>${this.problem}</p>
        <p id="refusal" data-test="confirm-refusal" ?hidden=${refusal === null}>${refusal}</p>
        <div class="actions">
          <button type="button" data-test="confirm-cancel" autofocus @click=${() => this.dialog.close()}>Cancel</button>
          <button type="button" class="primary ${order.kind === 'forced' || cost.total > 0 ? 'danger' : ''}" data-test="confirm"
            aria-disabled=${isArmed ? 'false' : 'true'} aria-describedby=${isArmed ? nothing : refusal === null ? 'acceptance' : 'refusal'}
            @click=${() => isArmed && this.confirm(order, cost.total > 0)}>${titleOf(order, this.status)}</button>
        </div>
      </div>
    `;
  }

  private renderLosses(order: Order) {
    const cost = costOf(order, this.status);
    return html`
      <div class="losses" data-test="confirm-cost" data-cost=${cost.total}>
        <p><b>${glyph('bad')} This costs ${formatQuantity(cost.total, 'connection')}:</b></p>
        <ul>${lossesOf(cost, this.status).map((text) => html`<li>${text}</li>`)}</ul>
        ${this.named.length === 0
          ? nothing
          : html`<p class="muted">${cost.total > this.named.length ? 'Among them' : 'These are'}:</p>
              <ul class="examples mono">${this.named.map((flow) => html`<li>${flow.replace('->', ' → ')}</li>`)}</ul>`}
        <label id="acceptance">
          <input type="checkbox" data-test="accept-loss" .checked=${cost.total <= this.accepted}
            @change=${(event: Event) => (this.accepted = (event.target as HTMLInputElement).checked ? cost.total : 0)} />
          I accept that ${cost.total === 1 ? 'this connection is' : `these ${formatQuantity(cost.total, 'connection')} are`} lost.
        </label>
      </div>
    `;
  }

  /** Under the same key until the gateway has answered: a repetition after a lost answer does not order twice. */
  private async confirm(order: Order, acceptLoss: boolean): Promise<void> {
    this.isBusy = true;
    this.problem = '';
    try {
      await this.give(order, acceptLoss, this.key);
      this.dialog.close();
    } catch (error) {
      if (error instanceof Problem) {
        this.key = newKey();
      }
      this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.isBusy = false;
    }
  }

  private async findLost(): Promise<readonly string[]> {
    const { signal } = new AbortController();
    const read = (state: FlowState) => this.client.readFlows({ state, text: '', order: 'flow', descending: false, limit: examples, offset: 0 }, signal);
    const pages = await Promise.all([read('unprotected'), read('diverged')]);
    return pages.flatMap(({ flows }) => flows.map(({ flow }) => flow)).slice(0, examples);
  }
}

/** crypto.randomUUID() exists in secure contexts only, and a gateway on a management network may speak plain HTTP. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
