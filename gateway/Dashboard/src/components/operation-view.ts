// One operation: what was ordered, how far it is, what came of it.

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { Operation } from '../api/operations.ts';
import { nameOperation } from '../model/event-text.ts';
import { formatClock, formatDateAndClock, formatMilliseconds } from '../model/format.ts';
import { glyph } from './glyph.ts';

const signs = { running: 'repairing', succeeded: 'good', failed: 'bad', unknown: 'off' } as const;

export function renderOperation(operation: Operation, test: string): TemplateResult {
  const { state, by, requestedAt, completedAt, steps, epoch, active, problem } = operation;
  const took = completedAt === null ? null : Date.parse(completedAt) - Date.parse(requestedAt);
  return html`
    <div class="operation" data-test=${test} data-state=${state} data-id=${operation.id}>
      <p>
        ${glyph(signs[state] ?? 'off')} <b>${nameOperation(operation)}</b> ${state === 'unknown' ? 'with unknown outcome' : state}
        <span class="muted">
          ${took === null ? '' : `in ${formatMilliseconds(took)}, `}by ${by},
          <time datetime=${requestedAt} title=${formatDateAndClock(requestedAt)}>${formatClock(requestedAt)}</time>
        </span>
      </p>
      ${state === 'running' && steps.length > 0
        ? html`<ol class="steps">${steps.map(({ at, text }) => html`<li><span class="muted">${formatClock(at)}</span> ${text}</li>`)}</ol>`
        : nothing}
      ${state === 'succeeded' && active ? html`<p class="outcome">${active} holds the service${epoch === null ? '' : ` in epoch ${epoch}`}.</p>` : nothing}
      ${problem ? html`<p class="outcome" data-test="operation-problem">${problem}</p>` : nothing}
    </div>
  `;
}

export const operationStyles = css`
  .operation .outcome,
  .operation .steps {
    padding-left: 17px;
  }
`;
