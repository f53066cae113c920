import { LitElement, css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Session } from '../api/session.ts';
import type { Status } from '../api/status.ts';
import { formatSeconds } from '../model/format.ts';
import type { Issue } from '../model/health.ts';
import { levelOf } from '../model/health.ts';
import type { Link } from '../state/link.ts';
import { base, controls } from '../styles/shared.ts';
import { glyph, glyphStyles } from './glyph.ts';
import './theme-toggle.ts';

const linkTexts = { connecting: 'Connecting', locked: 'Logged out', lost: 'No answer' } as const;

/** What is always in sight: how it is, and who is logged in. Fires `log-in` and `log-out`. */
@customElement('app-header')
export class AppHeader extends LitElement {
  static override readonly styles = [
    base,
    controls,
    glyphStyles,
    css`
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 18px;
        padding: 8px 16px;
        border-bottom: 1px solid var(--line);
        background: var(--surface);
      }

      h1 {
        margin: 0;
        font-size: 15px;
        font-weight: 700;
        letter-spacing: 0.01em;
      }

      .health {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        font-weight: 600;
      }

      .space {
        flex: 1;
      }

      .group {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 10px;
      }

      @media (max-width: 480px) {
        header {
          padding: 8px 10px;
        }

        .space {
          display: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) status: Status | null = null;
  @property({ attribute: false }) issues: readonly Issue[] = [];
  @property({ attribute: false }) session: Session | null = null;
  @property({ attribute: false }) link!: Link;

  override render() {
    return html`
      <header>
        <h1>Appliance</h1>
        ${this.renderHealth()}
        ${this.status === null ? nothing : this.renderFacts(this.status)}
        <span class="space"></span>
        <div class="group">${this.renderSession()}<theme-toggle></theme-toggle></div>
      </header>
    `;
  }

  private renderHealth() {
    if (this.link.state !== 'live') {
      return html`<span class="health" data-test="health" data-level="unknown">${glyph('connecting')} ${linkTexts[this.link.state]}</span>`;
    }
    const level = levelOf(this.issues);
    const text = level === 'good' ? 'Protected' : level === 'bad' ? 'Not protected' : 'Attention';
    return html`<span class="health" data-test="health" data-level=${level}>${glyph(level)} ${text}</span>`;
  }

  private renderFacts({ epoch, version, at, startedAt }: Status) {
    const upSeconds = (Date.parse(at) - Date.parse(startedAt)) / 1000;
    return html`
      <span>Epoch <b data-test="epoch">${epoch}</b></span>
      <span class="muted">version <span data-test="version">${version}</span>, up ${formatSeconds(Math.floor(upSeconds))}</span>
    `;
  }

  private renderSession() {
    const { session } = this;
    if (session === null) {
      return nothing;
    }
    const may = session.scope === 'operate' ? 'may operate' : 'read only';
    return html`
      <span data-test="session" data-scope=${session.scope}><b>${session.name}</b> <span class="muted">${may}</span></span>
      ${session.csrfToken === null || session.scope !== 'operate'
        ? html`<button type="button" data-test="log-in" @click=${() => this.fire('log-in')}>Log in</button>`
        : nothing}
      ${session.csrfToken === null
        ? nothing
        : html`<button type="button" data-test="log-out" @click=${() => this.fire('log-out')}>Log out</button>`}
    `;
  }

  private fire(type: 'log-in' | 'log-out'): void {
    this.dispatchEvent(new Event(type));
  }
}
