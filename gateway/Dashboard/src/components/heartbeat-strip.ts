import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Sample } from '../api/telemetry.ts';
import { beatsOf, describeBeats } from '../model/heartbeats.ts';
import { base } from '../styles/shared.ts';
import { Colours } from './colours.ts';
import { drawHeartbeats } from './heartbeat-drawing.ts';
import { Resizing } from './resizing.ts';

/** Half seconds in two minutes. */
const steps = 240;
const height = 42;

/** A node's heartbeats of the last two minutes: how long each wait was against what is allowed. */
@customElement('heartbeat-strip')
export class HeartbeatStrip extends LitElement {
  static override readonly styles = [
    base,
    css`
      canvas {
        display: block;
        width: 100%;
        height: ${height}px;
      }
    `,
  ];

  @property({ attribute: false }) samples: readonly Sample[] = [];
  @property() node = '';

  @query('canvas') private readonly canvas!: HTMLCanvasElement | null;

  private readonly colours = new Colours(this, () => this.draw());

  constructor() {
    super();
    new Resizing(this, () => this.draw());
  }

  override render() {
    return html`<canvas role="img" data-test="heartbeats-${this.node}" aria-label="Heartbeats: ${describeBeats(this.samples, this.node)}"></canvas>`;
  }

  protected override updated(): void {
    this.draw();
  }

  private draw(): void {
    const { canvas } = this;
    const context = canvas?.getContext('2d');
    if (!canvas || !context || canvas.clientWidth === 0) {
      return;
    }
    const width = canvas.clientWidth;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    context.scale(devicePixelRatio, devicePixelRatio);
    drawHeartbeats(context, { width, height }, beatsOf(this.samples, this.node, steps), this.colours);
  }
}
