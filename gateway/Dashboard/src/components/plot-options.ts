// How uPlot draws what the dashboard plots.

import uPlot from 'uplot';
import type { Colours, Token } from './colours.ts';

export interface Curve {
  readonly label: string;
  readonly token: Token;
  /** Curves of one plot differ by their strokes as well as by their colours. */
  readonly dash: readonly number[];
}

export interface PlotStyle {
  /** `time`: the last seconds, which move; `count`: one point each, on a logarithmic scale, for values that differ by decades. */
  readonly kind: 'time' | 'count';
  readonly curves: readonly Curve[];
  readonly format: (value: number) => string;
  /** The scale reaches at least up to here, so that noise does not look like a mountain. */
  readonly least: number;
}

export const plotHeight = 132;

const windowSeconds = 120;
const tickSeconds = 30;
const mostCountTicks = 12;
const font = '11px system-ui, sans-serif';
const logFloor = 0.01;

export function optionsOf(style: PlotStyle, width: number, colours: Colours, onCursor: (index: number | null) => void): uPlot.Options {
  const isTime = style.kind === 'time';
  return {
    width,
    height: plotHeight,
    padding: [8, 14, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: false, y: false },
      points: { size: 6 },
      y: false,
      ...(isTime ? { sync: { key: 'time' } } : {}),
    },
    scales: {
      x: isTime ? { time: false, range: timeRange } : { time: false, range: countRange },
      y: isTime ? { range: (_, __, most) => [0, Math.max(style.least, 1.1 * (most ?? 0))] } : { distr: 3, range: logRange },
    },
    axes: [timeAxis(isTime, colours), valueAxis(style, colours)],
    series: [{}, ...style.curves.map((curve) => seriesOf(curve, isTime, colours))],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
}

function seriesOf({ label, token, dash }: Curve, isTime: boolean, colours: Colours): uPlot.Series {
  const colour = () => colours.of(token);
  if (isTime) {
    return { label, stroke: colour, width: 1.5, dash: [...dash], points: { show: false } };
  }
  // Filled points for the solid curve, hollow ones for the dashed.
  const fill = () => colours.of(dash.length === 0 ? token : 'surface');
  return { label, stroke: colour, fill, paths: () => null, points: { show: true, size: 8, width: 1.5, stroke: colour, fill } };
}

function timeAxis(isTime: boolean, colours: Colours): uPlot.Axis {
  return {
    ...axis(colours),
    size: 20,
    splits: (_, __, ___, most) => (isTime ? timeTicks(most) : countTicks(most)),
    values: (_, at) => at.map((seconds) => (isTime ? timeLabel(seconds - (at.at(-1) ?? 0)) : `${seconds}`)),
  };
}

function valueAxis({ format, kind }: PlotStyle, colours: Colours): uPlot.Axis {
  return {
    ...axis(colours),
    size: 62,
    space: 26,
    values: (_, values) => values.map((value) => format(value)),
    ...(kind === 'count'
      ? { splits: (_: uPlot, __: number, least: number, most: number) => decades(least, most), filter: (_: uPlot, splits: number[]) => splits }
      : {}),
  };
}

function axis(colours: Colours): uPlot.Axis {
  return {
    font,
    gap: 4,
    stroke: () => colours.of('muted'),
    grid: { stroke: () => colours.of('line'), width: 1 },
    ticks: { show: false },
  };
}

function timeTicks(most: number): number[] {
  return Array.from({ length: windowSeconds / tickSeconds + 1 }, (_, i) => most - windowSeconds + i * tickSeconds);
}

function countTicks(most: number): number[] {
  const step = Math.ceil(most / mostCountTicks);
  return Array.from({ length: Math.floor(most / step) }, (_, i) => (i + 1) * step);
}

function timeLabel(seconds: number): string {
  return seconds === 0 ? 'now' : `−${Math.round(-seconds)} s`;
}

function timeRange(_: uPlot, __: number | null, most: number | null): uPlot.Range.MinMax {
  return most === null ? [0, windowSeconds] : [most - windowSeconds, most];
}

function countRange(_: uPlot, __: number | null, most: number | null): uPlot.Range.MinMax {
  return [0.5, Math.max(5, most ?? 0) + 0.5];
}

function logRange(_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax {
  const [low, high] = [Math.max(logFloor, least ?? 1), Math.max(logFloor, most ?? 10)];
  return [10 ** Math.floor(Math.log10(low)), 10 ** Math.max(Math.ceil(Math.log10(high)), Math.floor(Math.log10(low)) + 1)];
}

function decades(least: number, most: number): number[] {
  const first = Math.round(Math.log10(least));
  return Array.from({ length: Math.round(Math.log10(most)) - first + 1 }, (_, i) => 10 ** (first + i));
}
