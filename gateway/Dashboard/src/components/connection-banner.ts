import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatSeconds } from '../model/format.ts';
import type { Link } from '../state/link.ts';
import { base } from '../styles/shared.ts';
import { glyph, glyphStyles } from './glyph.ts';

/** Says that the gateway does not answer, and how old everything else on the page is. */
@customElement('connection-banner')
export class ConnectionBanner extends LitElement {
  static override readonly styles = [
    base,
    glyphStyles,
    css`
      .banner {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 9px 16px;
        border-bottom: 1px solid var(--bad);
        background: var(--bad-wash);
        font-weight: 550;
      }
    `,
  ];

  @property({ attribute: false }) link!: Link;

  private timer: ReturnType<typeof setInterval> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  /** The age grows without anything else changing. */
  protected override updated(): void {
    const isLost = this.link.state === 'lost';
    if (isLost && this.timer === undefined) {
      this.timer = setInterval(() => this.requestUpdate(), 1000);
    } else if (!isLost) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }

  override render() {
    return this.link.state === 'lost' ? this.renderBanner(this.link) : nothing;
  }

  // Not a live region: the age would be read out every second. The loss itself is announced once.
  private renderBanner({ answeredAt, reason }: Link) {
    const age = answeredAt === null
      ? ''
      : html` What you see is <span data-test="data-age">${formatSeconds(Math.round((Date.now() - answeredAt) / 1000))}</span> old.`;
    return html`<aside class="banner" aria-label="Connection to the gateway" data-test="connection-banner">
      ${glyph('bad')}
      <span>The gateway does not answer (${reason}).${age} Trying again by itself. Connections through the gateway do not depend on this page.</span>
    </aside>`;
  }
}
