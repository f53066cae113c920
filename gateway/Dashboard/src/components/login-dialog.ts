import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { Problem } from '../api/http.ts';
import { base, controls } from '../styles/shared.ts';
import { dialogStyles } from './dialog-styles.ts';

/** Asks for a token. Cannot be left while the gateway shows nothing without one. */
@customElement('login-dialog')
export class LoginDialog extends LitElement {
  static override readonly styles = [
    base,
    controls,
    dialogStyles,
    css`
      label {
        display: flex;
        flex-direction: column;
        gap: 4px;
      }
    `,
  ];

  /** Is a token needed to see anything? Then the dialog stays. */
  @property({ attribute: false }) isRequired = false;
  @property({ attribute: false }) logIn!: (token: string) => Promise<void>;

  @state() private reason = '';
  @state() private problem = '';
  @state() private isBusy = false;

  @query('dialog') private readonly dialog!: HTMLDialogElement;
  @query('input') private readonly input!: HTMLInputElement;

  /** @param reason Why a token is needed. */
  open(reason: string): void {
    if (!this.dialog.open) {
      this.reason = reason;
      this.problem = '';
      this.dialog.showModal();
    }
  }

  override render() {
    return html`
      <dialog aria-labelledby="title" data-test="login-dialog" @cancel=${this.onCancel} @close=${this.onClose}>
        <h2 id="title">Log in</h2>
        <form @submit=${this.onSubmit}>
          <p>${this.reason} Tokens are set up in the gateway's configuration, under <span class="mono">api.tokens</span>.</p>
          <label>Token
            <input type="password" name="token" required autocomplete="current-password" data-test="login-token"
              aria-describedby=${this.problem === '' ? nothing : 'problem'} />
          </label>
          <p class="problem" id="problem" role="alert" data-test="login-problem" ?hidden=${this.problem === ''}>${this.problem}</p>
          <div class="actions">
            ${this.isRequired ? nothing : html`<button type="button" data-test="login-cancel" @click=${() => this.dialog.close()}>Cancel</button>`}
            <button type="submit" class="primary" data-test="login-submit" aria-disabled=${this.isBusy ? 'true' : 'false'}>Log in</button>
          </div>
        </form>
      </dialog>
    `;
  }

  private onCancel(event: Event): void {
    if (this.isRequired) {
      event.preventDefault();
    }
  }

  /** Browsers let the second Escape pass, whatever the first one met. */
  private onClose(): void {
    if (this.isRequired) {
      this.dialog.showModal();
    }
  }

  private async onSubmit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.isBusy) {
      return;
    }
    this.isBusy = true;
    this.problem = '';
    try {
      await this.logIn(this.input.value);
      this.input.value = '';
      this.isRequired = false;
      this.dialog.close();
    } catch (error) {
      this.problem = error instanceof Problem && error.status === 401
        ? 'This token is none of those that the gateway knows.'
        : `Logging in failed: ${error instanceof Error ? error.message : String(error)}`;
      this.input.select();
    } finally {
      this.isBusy = false;
    }
  }
}
