// The theme's colours for canvases, which do not understand custom properties.

import type { LitElement, ReactiveController } from 'lit';
import { onThemeChange } from '../state/theme.ts';

export type Token = 'text' | 'muted' | 'line' | 'strong-line' | 'surface' | 'accent' | 'good' | 'warning' | 'bad' | 'odd';

/** Looks colours up once per theme, and has its host drawn anew when the theme changes. */
export class Colours implements ReactiveController {
  private known = new Map<Token, string>();
  private stop: (() => void) | undefined;

  constructor(
    private readonly host: LitElement,
    private readonly redraw: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.stop = onThemeChange(() => {
      this.known.clear();
      this.redraw();
    });
  }

  hostDisconnected(): void {
    this.stop?.();
    this.known.clear();
  }

  of(token: Token): string {
    let colour = this.known.get(token);
    if (colour === undefined) {
      colour = this.resolve(token);
      this.known.set(token, colour);
    }
    return colour;
  }

  /** The property itself reads as `light-dark(…)`; what an element makes of it is a colour. */
  private resolve(token: Token): string {
    const probe = document.createElement('span');
    probe.style.color = `var(--${token})`;
    this.host.renderRoot.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }
}
