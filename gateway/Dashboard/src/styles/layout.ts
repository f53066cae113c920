import { css } from 'lit';

/** Twelve columns on a wide screen, one on a phone. */
export const layout = css`
  :host {
    display: block;
  }

  .skip {
    position: absolute;
    left: -999px;
    z-index: 2;
    padding: 6px 10px;
    border: 1px solid var(--accent);
    background: var(--surface);
    color: var(--text);
    font: inherit;
  }

  .skip:focus {
    left: 8px;
    top: 6px;
  }

  /* However far down the page is: what it shows is old. */
  connection-banner {
    display: block;
    position: sticky;
    top: 0;
    z-index: 2;
  }

  main {
    display: grid;
    grid-template-columns: repeat(12, minmax(0, 1fr));
    gap: var(--gap);
    max-width: 1680px;
    margin: 0 auto;
    padding: var(--gap);
  }

  main:focus {
    outline: none;
  }

  /* What is shown is old, and still has to be read: paler would be too pale. */
  main.stale > * {
    filter: grayscale(1);
  }

  main > * {
    grid-column: span 12;
  }

  .nodes {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
    gap: var(--gap);
  }

  .waiting {
    padding: 24px 4px;
    color: var(--muted);
  }

  @media (min-width: 1100px) {
    .major {
      grid-column: span 7;
    }

    .minor {
      grid-column: span 5;
    }
  }

  @media (max-width: 480px) {
    main {
      padding: 8px;
      gap: 8px;
    }
  }
`;
