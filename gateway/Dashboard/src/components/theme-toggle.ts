import { LitElement, css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { nextTheme, readTheme, storeTheme } from '../state/theme.ts';
import { base, controls } from '../styles/shared.ts';

/** Goes round: as the system has it, light, dark. */
@customElement('theme-toggle')
export class ThemeToggle extends LitElement {
  static override readonly styles = [
    base,
    controls,
    css`
      button {
        min-width: 118px;
      }
    `,
  ];

  @state() private theme = readTheme();

  override render() {
    return html`<button type="button" data-test="theme-toggle" data-theme-choice=${this.theme} @click=${this.toggle}>
      Theme: ${this.theme}
    </button>`;
  }

  private toggle(): void {
    this.theme = nextTheme(this.theme);
    storeTheme(this.theme);
  }
}
