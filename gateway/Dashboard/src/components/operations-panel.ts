import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Operation } from '../api/operations.ts';
import { base, panel } from '../styles/shared.ts';
import { glyphStyles } from './glyph.ts';
import { operationStyles, renderOperation } from './operation-view.ts';

/** What was ordered, the latest first. */
@customElement('operations-panel')
export class OperationsPanel extends LitElement {
  static override readonly styles = [
    base,
    panel,
    glyphStyles,
    operationStyles,
    css`
      .list {
        max-height: 240px;
        overflow: auto;
      }

      li + li {
        margin-top: 6px;
      }
    `,
  ];

  @property({ attribute: false }) operations: readonly Operation[] = [];

  override render() {
    return html`
      <section class="panel" aria-labelledby="title" data-test="operations">
        <header><h2 id="title">Operations</h2></header>
        ${this.operations.length === 0
          ? html`<p class="empty">Nothing has been ordered since the gateway started.</p>`
          : html`<ol class="list" tabindex="0" aria-labelledby="title">
              ${repeat(this.operations, ({ id }) => id, (operation) => html`<li>${renderOperation(operation, 'operation')}</li>`)}
            </ol>`}
      </section>
    `;
  }
}
