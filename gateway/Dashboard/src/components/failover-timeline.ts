import { LitElement, html, nothing } from 'lit';
import type { PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { AssignmentChange } from '../api/events.ts';
import { describeCause, movesService } from '../model/causes.ts';
import { formatClock, formatDateAndClock, formatMilliseconds, formatQuantity } from '../model/format.ts';
import type { Mark, MarkName, Timeline } from '../model/timeline.ts';
import { timelineOf } from '../model/timeline.ts';
import { base, controls, panel } from '../styles/shared.ts';
import { properties } from './properties.ts';
import { timelineStyles } from './timeline-styles.ts';

const firstShown = 20;

const markTexts: Readonly<Record<MarkName, string>> = {
  lastHeard: 'last heard',
  decided: 'decided',
  fenced: 'fenced',
  ordered: 'ordered',
  received: 'order received',
  firstSegment: 'first segment',
};

/** Every change of assignment, the latest first, with the time that each of its phases took. */
@customElement('failover-timeline')
export class FailoverTimeline extends LitElement {
  static override readonly styles = [base, panel, controls, timelineStyles];

  @property({ attribute: false }) changes: readonly AssignmentChange[] = [];

  @state() private showsAll = false;
  @state() private opened = new Set<string>();
  private wasTouched = false;

  /** The latest is open, until somebody has opened or closed one. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    const latest = this.changes.findLast(movesService) ?? this.changes.at(-1);
    if (changed.has('changes') && !this.wasTouched && latest !== undefined) {
      this.opened = new Set([keyOf(latest)]);
    }
  }

  override render() {
    const all = this.changes.toReversed();
    const shown = this.showsAll ? all : all.slice(0, firstShown);
    return html`
      <section class="panel" aria-labelledby="title" data-test="timeline">
        <header><h2 id="title">Assignments and failovers</h2></header>
        ${all.length === 0 ? html`<p class="empty">No assignment yet.</p>` : nothing}
        <ol class="list">${repeat(shown, keyOf, (change) => this.renderChange(change))}</ol>
        ${shown.length < all.length
          ? html`<button type="button" data-test="timeline-all" @click=${() => (this.showsAll = true)}>Show all ${all.length}</button>`
          : nothing}
      </section>
    `;
  }

  private renderChange(change: AssignmentChange) {
    const timeline = timelineOf(change);
    const { marks, totalMs } = timeline;
    const key = keyOf(change);
    const isOpen = this.opened.has(key);
    return html`
      <li data-test="timeline-entry" data-epoch=${change.epoch} data-cause=${change.cause}>
        <button type="button" class="row" aria-expanded=${isOpen ? 'true' : 'false'} @click=${() => this.toggle(key)}>
          <time datetime=${change.at} title=${formatDateAndClock(change.at)}>${formatClock(change.at)}</time>
          <span class="epoch">epoch ${change.epoch}</span>
          <span class="what">${movesService(change) ? html`<b>${change.from} → ${change.active}</b> ` : nothing}${describeCause(change)}</span>
          <span class="total">${marks.length > 1 ? formatMilliseconds(totalMs) : ''}</span>
        </button>
        ${isOpen ? this.renderPhases(change, timeline) : nothing}
      </li>
    `;
  }

  private renderPhases({ flows }: AssignmentChange, { marks, totalMs, clocksDiffer }: Timeline) {
    const [, ...phases] = marks;
    return html`
      <div class="phases">
        <div class="bar" aria-hidden="true">
          ${phases.map(({ name, phaseMs }) => html`<span class="phase ${name}" ${properties({ '--share': (phaseMs ?? 0) / totalMs })}></span>`)}
        </div>
        <table>
          <thead><tr><th scope="col">Until</th><th scope="col">Phase</th><th scope="col">Since the start</th></tr></thead>
          <tbody>${marks.map((mark, i) => renderMark(mark, i === 0))}</tbody>
        </table>
        ${flows > 0 ? html`<p class="muted">${formatQuantity(flows, 'connection')} taken over.</p>` : nothing}
        ${clocksDiffer ? html`<p class="muted">The node's clock is not the gateway's: how long the order was on its way is not known.</p>` : nothing}
      </div>
    `;
  }

  private toggle(key: string): void {
    const opened = new Set(this.opened);
    if (!opened.delete(key)) {
      opened.add(key);
    }
    this.opened = opened;
    this.wasTouched = true;
  }
}

function renderMark({ name, atMs, phaseMs }: Mark, isFirst: boolean) {
  const phase = isFirst ? '' : phaseMs === null ? 'not known' : formatMilliseconds(phaseMs);
  return html`<tr data-test="mark-${name}" data-ms=${atMs}>
    <th scope="row"><span class="key ${isFirst ? 'start' : name}"></span> ${markTexts[name]}</th>
    <td>${phase}</td>
    <td>${isFirst ? '0 ms' : `+${formatMilliseconds(atMs)}`}</td>
  </tr>`;
}

function keyOf({ epoch, at }: AssignmentChange): string {
  return `${epoch} ${at}`;
}
