import { css } from 'lit';

export const timelineStyles = css`
  .list {
    max-height: 340px;
    overflow: auto;
  }

  li {
    border-bottom: 1px solid var(--line);
  }

  .row {
    display: grid;
    grid-template-columns: auto auto 1fr auto;
    gap: 4px 12px;
    width: 100%;
    padding: 4px 2px;
    border: 0;
    background: none;
    text-align: left;
    font-weight: 400;
  }

  .row:focus-visible {
    outline-offset: -2px;
  }

  .row time,
  .epoch {
    color: var(--muted);
  }

  .total {
    font-weight: 600;
    text-align: right;
  }

  .phases {
    padding: 2px 2px 10px;
  }

  .bar {
    display: flex;
    gap: 1px;
    height: 14px;
    margin-bottom: 8px;
  }

  /* In proportion, but none so short that it cannot be seen. */
  .phase {
    flex: var(--share) 0 0;
    min-width: 4px;
  }

  .phase,
  .key {
    background-color: var(--strong-line);
  }

  .key {
    display: inline-block;
    width: 9px;
    height: 9px;
    margin-right: 4px;
  }

  .key.start {
    border-radius: 50%;
  }

  .decided {
    background-color: var(--warning);
  }

  .fenced {
    background-color: var(--bad);
  }

  .ordered {
    background-color: var(--odd);
  }

  .received {
    background-color: var(--accent);
  }

  .firstSegment {
    background-color: var(--good);
  }

  table {
    border-collapse: collapse;
  }

  th,
  td {
    padding: 1px 18px 1px 0;
    text-align: right;
    font-weight: 400;
  }

  th:first-child {
    text-align: left;
  }

  thead th {
    color: var(--muted);
    font-size: 12px;
  }

  @media (max-width: 560px) {
    .row {
      grid-template-columns: auto 1fr auto;
    }

    .what {
      grid-row: 2;
      grid-column: 1 / -1;
    }
  }
`;
