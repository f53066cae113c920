// Rules that most components need, each in its own shadow tree.

import { css } from 'lit';

export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }

  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }

  ul,
  ol {
    list-style: none;
  }

  a {
    color: var(--accent);
  }

  .muted {
    color: var(--muted);
  }

  .mono {
    font-family: var(--mono);
    font-size: 12px;
  }

  .hidden-text {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;

export const panel = css`
  :host {
    display: block;
    min-width: 0;
  }

  .panel {
    height: 100%;
    padding: 12px 14px 14px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }

  .panel > header {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 4px 12px;
    margin-bottom: 10px;
  }

  h2 {
    font-size: 13px;
    font-weight: 650;
  }

  h3 {
    font-size: 12px;
    font-weight: 600;
    color: var(--muted);
  }

  .empty {
    padding: 12px 0;
    color: var(--muted);
  }

  @media (max-width: 480px) {
    .panel {
      padding: 10px;
    }
  }
`;

/** A panel whose parts are one below the other. */
export const stacked = css`
  .panel {
    display: flex;
    flex-direction: column;
    gap: 10px;
  }

  .panel > header {
    margin-bottom: 0;
  }
`;

export const controls = css`
  button,
  select,
  input {
    min-height: 30px;
    padding: 3px 10px;
    border: 1px solid var(--strong-line);
    border-radius: 5px;
    background: var(--surface);
    color: var(--text);
    font: inherit;
  }

  button {
    cursor: pointer;
    font-weight: 550;
  }

  button:hover {
    background: var(--sunken);
  }

  button.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }

  button.danger {
    border-color: var(--bad);
    color: var(--bad);
  }

  button.danger.primary {
    background: var(--bad);
    color: var(--on-bad);
  }

  button[aria-disabled='true'][aria-disabled] {
    border-color: var(--line);
    background: var(--sunken);
    color: var(--muted);
    cursor: not-allowed;
  }

  input[type='checkbox'] {
    min-height: 0;
    accent-color: var(--accent);
  }

  @media (pointer: coarse) {
    button,
    select,
    input:not([type='checkbox']) {
      min-height: 40px;
    }
  }
`;

export const facts = css`
  .facts {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(128px, 1fr));
    gap: 8px 14px;
  }

  .facts dt {
    color: var(--muted);
    font-size: 12px;
  }

  .facts dd {
    overflow-wrap: anywhere;
  }

  .facts .wide {
    grid-column: 1 / -1;
  }
`;
