// The signs that go with states, so that colour is never the only difference.

import { css, html, svg } from 'lit';
import type { SVGTemplateResult, TemplateResult } from 'lit';
import type { LogKind } from '../state/event-log.ts';
import type { FlowState, Role, StoreState } from '../api/status.ts';
import type { Level } from '../model/health.ts';

const dot = svg`<circle cx="8" cy="8" r="5.5" fill="currentColor"/>`;
const ring = svg`<circle cx="8" cy="8" r="5" /><circle cx="8" cy="8" r="1.8" fill="currentColor"/>`;
const dashedRing = svg`<circle cx="8" cy="8" r="5" stroke-dasharray="3.2 2.4"/>`;
const bars = svg`<path d="M5.5 3.5v9M10.5 3.5v9"/>`;
const cross = svg`<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>`;
const check = svg`<path d="M2.5 8.5l3.6 3.7L13.5 4"/>`;
const half = svg`<circle cx="8" cy="8" r="5"/><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor"/>`;
const triangle = svg`<path d="M8 2.5l6.2 11H1.8zM8 6.8v3.2M8 11.6v.4"/>`;
const unequal = svg`<path d="M2.5 6h11M2.5 10h11M11 2.5l-6 11"/>`;
const dash = svg`<path d="M3 8h10"/>`;
const arrow = svg`<path d="M2.5 8h10M8.5 4l4 4-4 4"/>`;
const shield = svg`<path d="M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4z"/>`;
const disk = svg`<path d="M3 4.5v7c0 2.6 10 2.6 10 0v-7M3 4.5c0 2.6 10 2.6 10 0s-10-2.6-10 0"/>`;
const box = svg`<rect x="3" y="3" width="10" height="10" rx="1.5"/>`;
const person = svg`<circle cx="8" cy="5" r="2.5"/><path d="M3 13.5c0-5.5 10-5.5 10 0"/>`;
const plug = svg`<path d="M8 9.5V14M4.5 5.5h7v1.5a3.5 3 0 0 1-7 0zM6.2 2v3.5M9.8 2v3.5"/>`;

type Sign = Role | FlowState | StoreState | Level | LogKind;

const signs: Readonly<Record<Sign, readonly [shape: SVGTemplateResult, tone: string]>> = {
  active: [dot, 'accent'],
  replica: [ring, 'good'],
  syncing: [dashedRing, 'warning'],
  drained: [bars, 'warning'],
  down: [cross, 'bad'],
  protected: [check, 'good'],
  repairing: [half, 'accent'],
  unprotected: [triangle, 'warning'],
  diverged: [unequal, 'odd'],
  ready: [check, 'good'],
  connecting: [dashedRing, 'warning'],
  degraded: [triangle, 'warning'],
  off: [dash, 'muted'],
  good: [check, 'good'],
  warning: [triangle, 'warning'],
  bad: [cross, 'bad'],
  assignment: [arrow, 'accent'],
  node: [box, 'muted'],
  operation: [person, 'accent'],
  protection: [shield, 'good'],
  service: [unequal, 'odd'],
  store: [disk, 'muted'],
  connection: [plug, 'warning'],
};

/** A sign on its own says nothing to a screen reader: put a word beside it. */
export function glyph(sign: Sign): TemplateResult {
  // A newer gateway may know states that this dashboard does not.
  const [shape, tone] = signs[sign] ?? [dash, 'muted'];
  return html`<svg class="glyph ${tone}" viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>`;
}

export const glyphStyles = css`
  .glyph {
    flex: none;
    width: 13px;
    height: 13px;
    vertical-align: -2px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .accent {
    color: var(--accent);
  }

  .good {
    color: var(--good);
  }

  .warning {
    color: var(--warning);
  }

  .bad {
    color: var(--bad);
  }

  .odd {
    color: var(--odd);
  }
`;
