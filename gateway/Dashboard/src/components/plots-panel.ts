import { LitElement, css, html } from 'lit';
import type { PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { AssignmentChange } from '../api/events.ts';
import type { Sample } from '../api/telemetry.ts';
import { formatByteRate, formatBytes, formatCount, formatMilliseconds } from '../model/format.ts';
import { allowedGap, columnsOf, failoverColumns, gapOf } from '../model/series.ts';
import { base, panel } from '../styles/shared.ts';
import type { Curve, PlotStyle } from './plot-options.ts';
import './live-plot.ts';

const solid: readonly number[] = [];
const dashed = [6, 3];
const dotted = [2, 3];
const mostFailovers = 40;

const traffic: PlotStyle = {
  kind: 'time', format: formatByteRate, least: 1000,
  curves: [
    { label: 'from clients', token: 'accent', dash: solid },
    { label: 'LAN in', token: 'good', dash: dashed },
    { label: 'LAN out', token: 'odd', dash: dotted },
  ],
};

const connections: PlotStyle = {
  kind: 'time', format: formatCount, least: 10,
  curves: [
    { label: 'protected', token: 'good', dash: solid },
    { label: 'repairing', token: 'accent', dash: dashed },
    { label: 'unprotected', token: 'warning', dash: dotted },
    { label: 'diverged', token: 'odd', dash: [6, 2, 1, 2] },
  ],
};

const lag: PlotStyle = { kind: 'time', format: formatBytes, least: 1000, curves: [{ label: 'largest', token: 'accent', dash: solid }] };

const repair: PlotStyle = { kind: 'time', format: formatMilliseconds, least: 1, curves: [{ label: 'p99', token: 'accent', dash: solid }] };

const failovers: PlotStyle = {
  kind: 'count', format: formatMilliseconds, least: 1,
  curves: [
    { label: 'detection', token: 'warning', dash: solid },
    { label: 'takeover', token: 'accent', dash: dashed },
  ],
};

const gapDashes = [solid, dashed, [6, 2, 1, 2]];
const gapTokens = ['accent', 'good', 'odd'] as const;

/** One curve per node, and what is allowed. */
function gapsOf(nodes: readonly string[]): PlotStyle {
  const curves: Curve[] = nodes.map((label, i) => ({
    label, token: gapTokens[i % gapTokens.length] ?? 'accent', dash: gapDashes[i % gapDashes.length] ?? solid,
  }));
  return { kind: 'time', format: formatMilliseconds, least: 1, curves: [...curves, { label: 'allowed', token: 'bad', dash: dotted }] };
}

/** The last two minutes, and the last failovers. */
@customElement('plots-panel')
export class PlotsPanel extends LitElement {
  static override readonly styles = [
    base,
    panel,
    css`
      .plots {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 360px), 1fr));
        gap: 14px 22px;
      }
    `,
  ];

  @property({ attribute: false }) samples: readonly Sample[] = [];
  @property({ attribute: false }) changes: readonly AssignmentChange[] = [];

  @state() private nodes: readonly string[] = [];
  private gaps: PlotStyle = gapsOf([]);

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('samples')) {
      return;
    }
    const nodes = this.samples.at(-1)?.nodes.map(({ name }) => name) ?? [];
    if (nodes.join(' ') !== this.nodes.join(' ')) {
      this.nodes = nodes;
      this.gaps = gapsOf(nodes);
    }
  }

  override render() {
    const { samples } = this;
    return html`
      <section class="panel" aria-labelledby="title" data-test="plots">
        <header><h2 id="title">Measurements</h2><span class="muted">last two minutes</span></header>
        <div class="plots">
          <live-plot heading="Traffic" data-test="plot-traffic" .plotStyle=${traffic}
            .columns=${columnsOf(samples, [(s) => s.clientBytesPerSecond, (s) => s.lanReceivedBytesPerSecond, (s) => s.lanSentBytesPerSecond])}></live-plot>
          <live-plot heading="Connections" data-test="plot-connections" .plotStyle=${connections}
            .columns=${columnsOf(samples, [(s) => s.protected, (s) => s.repairing, (s) => s.unprotected, (s) => s.diverged])}></live-plot>
          <live-plot heading="Lag of the replicas" data-test="plot-lag" .plotStyle=${lag}
            .columns=${columnsOf(samples, [(s) => s.lagBytes])}></live-plot>
          <live-plot heading="Longest gap between heartbeats" data-test="plot-gaps" .plotStyle=${this.gaps}
            .columns=${columnsOf(samples, [...this.nodes.map(gapOf), allowedGap])}></live-plot>
          <live-plot heading="Repair time" data-test="plot-repair" .plotStyle=${repair}
            .columns=${columnsOf(samples, [(s) => s.repairP99Ms])}></live-plot>
          <live-plot heading="Detection and takeover, last failovers" data-test="plot-failovers" .plotStyle=${failovers}
            .columns=${failoverColumns(this.changes, mostFailovers)}></live-plot>
        </div>
      </section>
    `;
  }
}
