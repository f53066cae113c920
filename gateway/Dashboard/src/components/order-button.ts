// A button that opens the dialog of an order, or says why it does not.

import type { LitElement, TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import type { Order } from '../api/operations.ts';

export class OrderRequest extends Event {
  constructor(readonly order: Order) {
    super('order-request', { bubbles: true, composed: true });
  }
}

export interface OrderButton {
  readonly order: Order;
  readonly label: string;
  readonly tone: 'primary' | 'danger' | '';
  readonly test: string;
  /** Why it cannot be given; null when it can. */
  readonly refusal: string | null;
  /** Of the element that shows the reason. */
  readonly reasonId: string;
}

/** Not `disabled`: whoever cannot use it shall still reach it with the keyboard, and hear why. */
export function orderButton(host: LitElement, { order, label, tone, test, refusal, reasonId }: OrderButton): TemplateResult {
  const press = () => {
    if (refusal === null) {
      host.dispatchEvent(new OrderRequest(order));
    }
  };
  return html`<button
    type="button"
    class=${tone}
    data-test=${test}
    aria-disabled=${refusal === null ? 'false' : 'true'}
    aria-describedby=${refusal === null ? nothing : reasonId}
    title=${refusal ?? nothing}
    @click=${press}
  >${label}</button>`;
}
