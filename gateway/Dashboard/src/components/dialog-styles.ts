import { css } from 'lit';

export const dialogStyles = css`
  dialog {
    width: min(560px, calc(100vw - 24px));
    max-height: calc(100dvh - 24px);
    padding: 18px 20px;
    overflow: auto;
    border: 1px solid var(--strong-line);
    border-radius: 8px;
    background: var(--surface);
    color: var(--text);
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }

  h2 {
    margin-bottom: 10px;
    font-size: 15px;
  }

  form,
  .content {
    display: flex;
    flex-direction: column;
    gap: 10px;
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
    margin-top: 6px;
  }

  .problem {
    padding: 8px 10px;
    border-left: 3px solid var(--bad);
    background: var(--bad-wash);
  }
`;
