// Light, dark, or as the system says.

const KEY = 'relayfleet.theme';
const NEXT = { auto: 'light', light: 'dark', dark: 'auto' };

/** What is chosen: auto, light or dark. */
export const theme = () => document.documentElement.dataset.theme ?? 'auto';

/** Goes on to the next of the three. */
export function nextTheme() {
  const next = NEXT[theme()];
  if (next === 'auto') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(KEY);
  } else {
    document.documentElement.dataset.theme = next;
    localStorage.setItem(KEY, next);
  }
}
