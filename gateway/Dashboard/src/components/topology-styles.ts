import { css } from 'lit';

export const topologyStyles = css`
  .map {
    display: grid;
    grid-template-columns: minmax(76px, 132px) minmax(16px, 1fr) minmax(84px, 132px) minmax(34px, 2fr) minmax(122px, 190px);
    align-items: center;
    margin: auto 0;
  }

  .panel {
    display: flex;
    flex-direction: column;
  }

  .box {
    position: relative;
    display: flex;
    flex-direction: column;
    justify-content: center;
    padding: 8px 10px;
    overflow: hidden;
    border: 1.5px solid var(--strong-line);
    border-radius: var(--radius);
    background: var(--sunken);
    line-height: 1.35;
  }

  .gateway {
    border-color: var(--accent);
  }

  .centre {
    position: relative;
  }

  /* Below the gateway, without moving it from the middle. */
  .stem {
    position: absolute;
    top: 100%;
    left: 50%;
    height: 12px;
    border-left: 2px solid var(--strong-line);
  }

  .stem.degraded,
  .stem.connecting {
    border-left-style: dotted;
  }

  .stem.off {
    visibility: hidden;
  }

  .store {
    position: absolute;
    top: calc(100% + 12px);
    left: 50%;
    padding: 1px 8px;
    border: 1px solid var(--line);
    border-radius: 10px;
    background: var(--surface);
    transform: translateX(-50%);
    white-space: nowrap;
  }

  .wire {
    width: 100%;
    height: 10px;
  }

  .links {
    position: relative;
    height: calc(var(--slots) * var(--slot-height));
  }

  .links svg {
    width: 100%;
    height: 100%;
  }

  path {
    fill: none;
    stroke: var(--strong-line);
    stroke-width: 1.5;
    vector-effect: non-scaling-stroke;
  }

  path.active {
    stroke: var(--accent);
    stroke-width: 3;
  }

  path.replica {
    stroke: var(--good);
    stroke-width: 2;
    stroke-dasharray: 7 5;
  }

  path.syncing {
    stroke-dasharray: 2 5;
  }

  path.down,
  path.drained {
    opacity: 0.7;
    stroke-dasharray: 1.5 6;
  }

  .label {
    position: absolute;
    top: calc(var(--slot) * var(--slot-height) + 4px);
    right: 8px;
    color: var(--muted);
    font-size: 12px;
  }

  .legend {
    margin-left: auto;
    font-size: 12px;
  }

  .legend svg {
    width: 28px;
    height: 6px;
    margin-left: 8px;
    vertical-align: 2px;
  }

  .nodes {
    position: relative;
    height: calc(var(--slots) * var(--slot-height));
  }

  .node {
    position: absolute;
    inset: 0 0 auto;
    height: var(--slot-height);
    padding: 6px 0;
    transform: translateY(calc(var(--slot) * var(--slot-height)));
    transition: transform 0.6s cubic-bezier(0.4, 0, 0.2, 1);
  }

  .node .box {
    height: 100%;
    padding: 4px 10px;
  }

  .node.active .box {
    border-color: var(--accent);
    background: var(--accent-wash);
  }

  .node.replica .box {
    border-color: var(--good);
    border-style: dashed;
  }

  .node.down .box {
    border-color: var(--line);
    color: var(--muted);
  }

  .cross {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    opacity: 0.35;
  }

  .cross path {
    stroke: var(--bad);
    stroke-width: 2;
  }

  .mono {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  @media (max-width: 560px) {
    .map {
      grid-template-columns: 88px minmax(8px, 1fr) 84px minmax(16px, 1fr) 118px;
      font-size: 12px;
    }

    .box,
    .node .box {
      padding: 6px;
    }

    .label {
      display: none;
    }
  }
`;
