import { LitElement, css, html, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { NodeStatus, Status } from '../api/status.ts';
import type { Sample } from '../api/telemetry.ts';
import { formatByteRate, formatQuantity } from '../model/format.ts';
import type { Place } from '../model/topology.ts';
import { linksOf, placesOf } from '../model/topology.ts';
import { base, panel } from '../styles/shared.ts';
import { glyph, glyphStyles } from './glyph.ts';
import { properties } from './properties.ts';
import { topologyStyles } from './topology-styles.ts';

const slotHeight = 84;

/** Clients, gateway, store and nodes. The node that holds the service is at the top; when that changes, nodes change places. */
@customElement('topology-view')
export class TopologyView extends LitElement {
  static override readonly styles = [base, panel, glyphStyles, topologyStyles, css`:host { --slot-height: ${slotHeight}px; }`];

  @property({ attribute: false }) status!: Status;
  @property({ attribute: false }) sample: Sample | null = null;

  override render() {
    const places = placesOf(this.status.nodes);
    return html`
      <section class="panel" aria-labelledby="title" data-test="topology">
        <header><h2 id="title">Topology</h2>${this.renderLegend()}</header>
        <div class="map" ${properties({ '--slots': places.length })}>
          <div class="box clients">
            <b>Clients</b>
            <span>${formatQuantity(this.status.flows, 'connection')}</span>
          </div>
          <svg class="wire" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><path class="active" d="M0,5H100" /></svg>
          ${this.renderGateway()}
          ${this.renderLinks(places)}
          <ol class="nodes">${repeat(places, ({ node }) => node.name, (place) => this.renderNode(place))}</ol>
        </div>
      </section>
    `;
  }

  private renderLegend() {
    return html`<p class="legend muted" aria-hidden="true">
      <svg viewBox="0 0 28 6"><path class="active" d="M0,3H28" /></svg> service
      <svg viewBox="0 0 28 6"><path class="replica" d="M0,3H28" /></svg> copies
    </p>`;
  }

  private renderGateway() {
    const { epoch, recorder: { store } } = this.status;
    return html`
      <div class="centre">
        <div class="box gateway">
          <b>Gateway</b>
          <span>epoch ${epoch}</span>
          ${this.sample === null ? nothing : html`<span class="muted">${formatByteRate(this.sample.clientBytesPerSecond)} in</span>`}
        </div>
        <div class="stem ${store.state}"></div>
        <div class="store" data-test="topology-store" data-state=${store.state}>${glyph(store.state)} Store ${store.state}</div>
      </div>
    `;
  }

  private renderLinks(places: readonly Place[]) {
    const height = places.length * slotHeight;
    return html`
      <div class="links" aria-hidden="true">
        <svg viewBox="0 0 100 ${height}" preserveAspectRatio="none">
          ${linksOf(places, slotHeight).map(({ path, role }) => svg`<path class=${role} d=${path} />`)}
        </svg>
        ${linksOf(places, slotHeight).map(
          ({ slot, text }) => html`<span class="label" ${properties({ '--slot': slot })}>${text}</span>`,
        )}
      </div>
    `;
  }

  private renderNode({ node, slot }: Place) {
    return html`
      <li class="node ${node.role}" data-test="topology-node-${node.name}" data-role=${node.role} data-slot=${slot} ${properties({ '--slot': slot })}>
        <div class="box">
          <span class="name">${glyph(node.role)} <b>${node.name}</b></span>
          <span>${node.role}${node.drained && node.role !== 'drained' ? ', drained' : ''}</span>
          <span class="muted mono">${addressOf(node, this.status)}</span>
          ${node.role === 'down'
            ? html`<svg class="cross" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><path d="M0,0L100,100M100,0L0,100" /></svg>`
            : nothing}
        </div>
      </li>
    `;
  }
}

/** The node that holds the service has its addresses; the others have their own. */
function addressOf(node: NodeStatus, { services }: Status): string {
  const addresses = [...new Set(services.flatMap((service) => service.addresses))];
  return node.role === 'active' && addresses.length > 0 ? addresses.join(' ') : node.address;
}
