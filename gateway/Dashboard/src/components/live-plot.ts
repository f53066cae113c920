import { LitElement, css, html, svg, unsafeCSS } from 'lit';
import type { PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import uPlot from 'uplot';
import plotRules from 'uplot/dist/uPlot.min.css?inline';
import type { Columns } from '../model/series.ts';
import { base } from '../styles/shared.ts';
import { Colours } from './colours.ts';
import type { Curve, PlotStyle } from './plot-options.ts';
import { optionsOf, plotHeight } from './plot-options.ts';
import { properties } from './properties.ts';
import { Resizing } from './resizing.ts';

/** One plot with its legend, which shows the values under the cursor, or the latest. */
@customElement('live-plot')
export class LivePlot extends LitElement {
  static override readonly styles = [
    base,
    unsafeCSS(plotRules),
    css`
      :host {
        display: block;
        min-width: 0;
      }

      h3 {
        font-size: 12px;
        font-weight: 600;
      }

      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 0 12px;
        min-height: 19px;
        font-size: 12px;
      }

      .legend svg {
        width: 18px;
        height: 8px;
        fill: none;
        stroke: var(--colour);
        stroke-width: 2;
      }

      .plot {
        height: ${plotHeight}px;
        overflow: hidden;
      }
    `,
  ];

  @property() heading = '';
  /** Another object makes another plot: keep it while nothing but data changes. */
  @property({ attribute: false }) plotStyle!: PlotStyle;
  @property({ attribute: false }) columns: Columns = [[]];

  @query('.plot') private readonly container!: HTMLDivElement;
  @state() private cursor: number | null = null;

  private plot: uPlot | null = null;
  private readonly colours = new Colours(this, () => this.plot?.redraw(false));

  constructor() {
    super();
    new Resizing(this, () => this.resize());
  }

  override render() {
    const values = this.plotStyle.curves.map((curve, i) => `${curve.label} ${this.describe(i)}`);
    return html`
      <h3>${this.heading}</h3>
      <div class="legend" aria-hidden="true">${this.plotStyle.curves.map((curve, i) => this.renderKey(curve, i))}</div>
      <div class="plot" role="img" aria-label="${this.heading}: ${values.join(', ')}"></div>
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('plotStyle')) {
      this.plot?.destroy();
      this.plot = null;
    }
    if (this.plot === null) {
      this.create();
    } else if (changed.has('columns')) {
      this.plot.setData(this.data);
    }
  }

  private renderKey({ label, token, dash }: Curve, curve: number) {
    return html`<span>
      <svg viewBox="0 0 18 8" ${properties({ '--colour': `var(--${token})` })}>${svg`<path d="M0,4H18" stroke-dasharray=${dash.join(' ') || 'none'} />`}</svg>
      <span class="muted">${label}</span> ${this.describe(curve)}
    </span>`;
  }

  private describe(curve: number): string {
    const column = this.columns[curve + 1] ?? [];
    const value = this.cursor === null ? column.at(-1) : column[this.cursor];
    return value === null || value === undefined ? '–' : this.plotStyle.format(value);
  }

  private create(): void {
    const width = this.container.clientWidth;
    if (width > 0) {
      this.plot = new uPlot(optionsOf(this.plotStyle, width, this.colours, (index) => (this.cursor = index)), this.data, this.container);
    }
  }

  private resize(): void {
    const width = this.container?.clientWidth ?? 0;
    if (width === 0) {
      return;
    }
    if (this.plot === null) {
      this.create();
    } else if (this.plot.width !== width) {
      this.plot.setSize({ width, height: plotHeight });
    }
  }

  private get data(): uPlot.AlignedData {
    return this.columns as uPlot.AlignedData;
  }
}
