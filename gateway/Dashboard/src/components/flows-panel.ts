import { LitElement, css, html } from 'lit';
import type { PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ApiClient } from '../api/client.ts';
import type { FlowOrder } from '../api/flows.ts';
import type { FlowState } from '../api/status.ts';
import { formatCount } from '../model/format.ts';
import { FlowList } from '../state/flow-list.ts';
import { base, controls, panel } from '../styles/shared.ts';
import type { SortRequest } from './flows-table.ts';
import './flows-table.ts';

const states: readonly FlowState[] = ['protected', 'repairing', 'unprotected', 'diverged'];
const pageSizes = [50, 100, 500];
const typingPauseMs = 250;

/** The open connections, page by page: filtered, sorted and cut by the gateway, however many there are. */
@customElement('flows-panel')
export class FlowsPanel extends LitElement {
  static override readonly styles = [
    base,
    panel,
    controls,
    css`
      .tools {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-left: auto;
      }

      input[type='search'] {
        width: 200px;
      }

      .pager {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        margin-top: 10px;
      }

      .pager .space {
        flex: 1;
      }

      @media (max-width: 560px) {
        .tools,
        input[type='search'] {
          width: 100%;
        }
      }
    `,
  ];

  @property({ attribute: false }) client!: ApiClient;
  @property({ attribute: false }) isLive = false;

  @query('select') private readonly stateChoice!: HTMLSelectElement;

  private readonly list = new FlowList(this);
  private typing: ReturnType<typeof setTimeout> | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('client')) {
      this.list.client = this.client;
    }
    if (changed.has('isLive')) {
      this.list.setLive(this.isLive);
    }
  }

  /** Shows the connections in one state, and goes there. */
  showState(state: FlowState): void {
    this.list.filter({ state });
    this.scrollIntoView();
    this.stateChoice.focus({ preventScroll: true });
  }

  override render() {
    const { query, page, problem, isLoading } = this.list;
    const isFiltered = query.state !== '' || query.text !== '';
    return html`
      <section class="panel" aria-labelledby="title" data-test="flows" aria-busy=${isLoading ? 'true' : 'false'}>
        <header>
          <h2 id="title">Connections</h2>
          <span class="muted" data-test="flows-total">${page === null ? '' : `${formatCount(page.total)} ${isFiltered ? 'match' : 'open'}`}</span>
          ${this.renderTools()}
        </header>
        ${problem === '' ? '' : html`<p data-test="flows-problem">The list could not be read: ${problem}</p>`}
        <flows-table .flows=${page?.flows ?? []} .order=${query.order} .descending=${query.descending}
          @sort-request=${(event: SortRequest) => this.list.sort(event.order satisfies FlowOrder)}></flows-table>
        ${page !== null && page.total === 0 ? html`<p class="empty">No connection ${isFiltered ? 'matches' : 'is open'}.</p>` : ''}
        ${this.renderPager()}
      </section>
    `;
  }

  private renderTools() {
    return html`
      <div class="tools" role="search">
        <input type="search" placeholder="Address or port" aria-label="Find connections by address or port" data-test="flows-search"
          @input=${this.onSearch} />
        <select aria-label="State" data-test="flows-state" @change=${this.onState}>
          <option value="">all states</option>
          ${states.map((state) => html`<option value=${state} .selected=${this.list.query.state === state}>${state}</option>`)}
        </select>
      </div>
    `;
  }

  private renderPager() {
    const { query: { offset, limit }, page } = this.list;
    const total = page?.total ?? 0;
    const last = Math.floor(Math.max(0, total - 1) / limit) * limit;
    const shown = page === null ? '' : `${formatCount(total === 0 ? 0 : offset + 1)} to ${formatCount(Math.min(offset + limit, total))} of ${formatCount(total)}`;
    return html`
      <nav class="pager" aria-label="Pages of connections">
        ${this.renderPageButton('First', 'flows-first', offset > 0, 0)}
        ${this.renderPageButton('Previous', 'flows-previous', offset > 0, offset - limit)}
        <span data-test="flows-range">${shown}</span>
        ${this.renderPageButton('Next', 'flows-next', offset < last, offset + limit)}
        ${this.renderPageButton('Last', 'flows-last', offset < last, last)}
        <span class="space"></span>
        <select aria-label="Connections per page" data-test="flows-limit" @change=${this.onLimit}>
          ${pageSizes.map((size) => html`<option value=${size} .selected=${size === limit}>${size} per page</option>`)}
        </select>
      </nav>
    `;
  }

  /** Stays focusable at the end of the list: a button that disables itself under the finger loses the focus. */
  private renderPageButton(label: string, test: string, isPossible: boolean, offset: number) {
    return html`<button type="button" data-test=${test} aria-disabled=${isPossible ? 'false' : 'true'}
      @click=${() => isPossible && this.list.goTo(offset)}>${label}</button>`;
  }

  private onSearch(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.list.filter({ text: value.trim() }), typingPauseMs);
  }

  private onState(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.list.filter({ state: states.find((state) => state === value) ?? '' });
  }

  private onLimit(event: Event): void {
    this.list.filter({ limit: Number((event.target as HTMLSelectElement).value) });
  }
}
