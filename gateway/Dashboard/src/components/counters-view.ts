// Counters by their names; those that are zero say nothing and are left out.

import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { formatCount } from '../model/format.ts';

export type Counters = Readonly<Record<string, number>>;

export function countedOf(counters: Counters): readonly (readonly [name: string, count: number])[] {
  return Object.entries(counters).filter(([, count]) => count > 0).sort(([a], [b]) => a.localeCompare(b));
}

export function renderCounters(counters: Counters): TemplateResult {
  return html`<div class="counters">
    ${countedOf(counters).map(([name, count]) => html`<div><span class="mono">${name}</span> <span>${formatCount(count)}</span></div>`)}
  </div>`;
}

export const countersStyles = css`
  summary {
    cursor: pointer;
    color: var(--muted);
  }

  .counters {
    margin-top: 8px;
    columns: 190px;
    column-gap: 20px;
    font-size: 12px;
  }

  .counters div {
    display: flex;
    justify-content: space-between;
    gap: 8px;
    break-inside: avoid;
  }
`;
