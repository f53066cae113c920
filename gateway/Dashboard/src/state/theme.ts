// Dark or light: what the system prefers, unless somebody has chosen; the choice is remembered.

export type Theme = 'system' | 'light' | 'dark';

const key = 'appliance.theme';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

export function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return themes.find((theme) => theme === stored) ?? 'system';
  } catch {
    return 'system'; // storage may be forbidden
  }
}

/** `page.css` and every colour token depend on the attribute. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset['theme'];
  } else {
    document.documentElement.dataset['theme'] = theme;
  }
}

export function storeTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Then it lasts as long as the page.
  }
}

export function nextTheme(theme: Theme): Theme {
  return themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
}

/** Calls back when the colours change, whatever the reason; canvases have to be drawn anew then. */
export function onThemeChange(callback: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const choice = new MutationObserver(callback);
  system.addEventListener('change', callback);
  choice.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    system.removeEventListener('change', callback);
    choice.disconnect();
  };
}
