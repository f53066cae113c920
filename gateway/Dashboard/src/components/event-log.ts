import { LitElement, css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { StreamState } from '../api/stream.ts';
import { describeEvent } from '../model/event-text.ts';
import { formatClock, formatDateAndClock } from '../model/format.ts';
import type { LogEntry, LogKind } from '../state/event-log.ts';
import { base, controls, panel } from '../styles/shared.ts';
import { glyph, glyphStyles } from './glyph.ts';

const kinds: readonly LogKind[] = ['assignment', 'node', 'operation', 'protection', 'service', 'store', 'connection'];

const streamTexts: Readonly<Record<StreamState, string>> = {
  off: 'paused',
  connecting: 'connecting',
  open: 'live',
  interrupted: 'interrupted, reconnecting',
};

/** What happened, the latest first. */
@customElement('event-log')
export class EventLogPanel extends LitElement {
  static override readonly styles = [
    base,
    panel,
    controls,
    glyphStyles,
    css`
      .tools {
        display: flex;
        align-items: baseline;
        gap: 12px;
        margin-left: auto;
      }

      .list {
        max-height: 340px;
        overflow: auto;
      }

      li {
        display: grid;
        grid-template-columns: auto auto 1fr;
        gap: 7px;
        padding: 2px 0;
        border-bottom: 1px solid var(--line);
      }

      time {
        color: var(--muted);
      }

      li span {
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) entries: readonly LogEntry[] = [];
  @property({ attribute: false }) stream: StreamState = 'off';

  @state() private kind: LogKind | '' = '';

  override render() {
    const shown = this.entries.filter(({ kind }) => this.kind === '' || kind === this.kind).reverse();
    return html`
      <section class="panel" aria-labelledby="title">
        <header>
          <h2 id="title">Events</h2>
          <span data-test="stream-state" data-state=${this.stream}>
            ${glyph(this.stream === 'open' ? 'good' : 'connecting')} ${streamTexts[this.stream]}
          </span>
          <div class="tools">
            <select aria-label="Kind of events" data-test="event-kind" @change=${this.choose}>
              <option value="">all kinds</option>
              ${kinds.map((kind) => html`<option value=${kind}>${kind}</option>`)}
            </select>
          </div>
        </header>
        <ol class="list" tabindex="0" aria-labelledby="title" data-test="event-log">
          ${repeat(shown, ({ id }) => id, renderEntry)}
        </ol>
        ${shown.length === 0 ? html`<p class="empty">No events yet.</p>` : ''}
      </section>
    `;
  }

  private choose(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.kind = kinds.find((kind) => kind === value) ?? '';
  }
}

function renderEntry(entry: LogEntry) {
  return html`<li data-test="event" data-kind=${entry.kind}>
    ${glyph(entry.kind)}
    <time datetime=${entry.at} title=${formatDateAndClock(entry.at)}>${formatClock(entry.at)}</time>
    <span><span class="hidden-text">${entry.kind}: </span>${entry.kind === 'connection' ? entry.text : describeEvent(entry)}</span>
  </li>`;
}
