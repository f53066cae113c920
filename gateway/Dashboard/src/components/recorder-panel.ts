import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { RecorderStatus, Status } from '../api/status.ts';
import { formatBytes, formatCount, formatMilliseconds } from '../model/format.ts';
import { base, facts, panel, stacked } from '../styles/shared.ts';
import type { Counters } from './counters-view.ts';
import { countedOf, countersStyles, renderCounters } from './counters-view.ts';
import { glyph, glyphStyles } from './glyph.ts';
import { properties } from './properties.ts';

/** The recorder, the store behind it, and every counter of the data path. */
@customElement('recorder-panel')
export class RecorderPanel extends LitElement {
  static override readonly styles = [
    base,
    panel,
    stacked,
    facts,
    glyphStyles,
    countersStyles,
    css`
      .store {
        padding: 8px 10px;
        border: 1px solid var(--line);
        border-radius: 5px;
        background: var(--sunken);
      }

      .store.degraded {
        border-color: var(--warning);
        background: var(--warning-wash);
      }

      .store p {
        margin: 4px 0 8px;
      }

      .meter {
        height: 5px;
        margin-top: 3px;
        border-radius: 3px;
        background: var(--line);
      }

      .meter span {
        display: block;
        width: calc(var(--share) * 100%);
        height: 100%;
        border-radius: 3px;
        background: var(--accent);
      }
    `,
  ];

  @property({ attribute: false }) status!: Status;

  override render() {
    const { recorder, counters, ignoredDatagrams } = this.status;
    return html`
      <section class="panel" aria-labelledby="title" data-test="recorder">
        <header><h2 id="title">Recorder and store</h2><span class="muted">policy ${recorder.policy}</span></header>
        ${renderStore(recorder)}
        <dl class="facts">
          ${fact('Record ring', html`${formatBytes(recorder.ringUsed)} of ${formatBytes(recorder.ringBytes)}${meter(recorder.ringUsed, recorder.ringBytes)}`)}
          ${fact('Windows', html`${formatBytes(recorder.memoryUsed)} of ${formatBytes(recorder.memoryBytes)}${meter(recorder.memoryUsed, recorder.memoryBytes)}`)}
          ${fact('Records per second', formatCount(recorder.recordsPerSecond))}
          ${fact('Recorded flows', formatCount(recorder.flows))}
          ${fact('Clients held back', formatCount(recorder.heldBack))}
          ${fact('Repairs', `${formatCount(recorder.repairs)}, ${formatBytes(recorder.repairedBytes)}`)}
          ${fact('Repair p50 / p99', `${formatMilliseconds(recorder.repairP50Ms)} / ${formatMilliseconds(recorder.repairP99Ms)}`)}
          ${fact('Refused requests', formatCount(recorder.refused))}
          ${fact('Windows given up', formatCount(recorder.evictions))}
          ${fact('Conflicting bytes', formatBytes(recorder.conflictingBytes))}
          ${fact('Damaged records', formatCount(recorder.damaged))}
          ${fact('Datagrams repaired', `${formatCount(recorder.datagrams.repaired)} of ${formatCount(recorder.datagrams.recorded)}`)}
        </dl>
        ${renderFolded('Counters of the data path', counters)}
        ${renderFolded('Ignored control datagrams', ignoredDatagrams)}
      </section>
    `;
  }
}

function renderStore({ store }: RecorderStatus) {
  return html`
    <div class="store ${store.state}" data-test="store" data-state=${store.state}>
      <b>${glyph(store.state)} Store ${store.state}</b> <span class="mono muted">${store.endpoint}</span>
      ${store.reason === '' ? html`<p></p>` : html`<p data-test="store-reason">${store.reason}</p>`}
      ${store.state === 'off'
        ? html`<span class="muted">Recordings live in memory only.</span>`
        : html`<dl class="facts">
            ${fact('Waiting', `${formatBytes(store.queuedBytes)}, ${formatCount(store.queuedOperations)} ops`)}
            ${fact('Latency', formatMilliseconds(store.latencyMs))}
            ${fact('Written', formatBytes(store.bytesWritten))}
            ${fact('Errors', formatCount(store.errors))}
            ${fact('Dropped', formatCount(store.dropped))}
            ${fact('Emptied', formatCount(store.emptied))}
          </dl>`}
    </div>
  `;
}

function renderFolded(title: string, counters: Counters) {
  const { length } = countedOf(counters);
  return length === 0 ? nothing : html`<details><summary>${title} (${length})</summary>${renderCounters(counters)}</details>`;
}

function fact(name: string, value: unknown) {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** The numbers stand beside it. */
function meter(used: number, most: number) {
  const share = most > 0 ? Math.min(1, used / most) : 0;
  return html`<div class="meter" aria-hidden="true"><span ${properties({ '--share': share })}></span></div>`;
}
