import { LitElement, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { base } from '../styles/shared.ts';

const collectMs = 800;
const leastPauseMs = 4000;

/**
 * Reads out what matters. A failover changes several roles within a second: what comes together is said together, and not
 * more often than anybody can listen.
 */
@customElement('live-announcer')
export class LiveAnnouncer extends LitElement {
  static override readonly styles = base;

  @state() private text = '';

  private pending: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saidAt = -Infinity;

  say(text: string): void {
    this.pending.push(text);
    this.timer ??= setTimeout(() => this.flush(), Math.max(collectMs, this.saidAt + leastPauseMs - performance.now()));
  }

  override render() {
    return html`<div class="hidden-text" role="status" aria-live="polite" data-test="announcer">${this.text}</div>`;
  }

  private flush(): void {
    this.timer = undefined;
    this.saidAt = performance.now();
    this.text = [...new Set(this.pending)].join('. ');
    this.pending = [];
  }
}
