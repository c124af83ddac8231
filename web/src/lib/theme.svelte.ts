export type Theme = 'light' | 'dark';

/** Also read by public/theme.js before the first paint. */
const key = 'cragbase.theme';

const systemDark = matchMedia('(prefers-color-scheme: dark)');

class ThemeChoice {
  #chosen = $state<Theme | null>(remembered());
  #system = $state<Theme>(systemTheme());

  constructor() {
    systemDark.addEventListener('change', () => (this.#system = systemTheme()));
  }

  get current(): Theme {
    return this.#chosen ?? this.#system;
  }

  /** Switches to the other theme. Choosing what the system has anyway follows the system again. */
  toggle(): void {
    const next: Theme = this.current === 'dark' ? 'light' : 'dark';
    this.#chosen = next === this.#system ? null : next;
    remember(this.#chosen);
  }
}

function systemTheme(): Theme {
  return systemDark.matches ? 'dark' : 'light';
}

function remembered(): Theme | null {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : null;
}

function remember(theme: Theme | null): void {
  const root = document.documentElement;
  if (theme) root.dataset['theme'] = theme;
  else delete root.dataset['theme'];
  try {
    if (theme) localStorage.setItem(key, theme);
    else localStorage.removeItem(key);
  } catch {
    // Storage may be blocked; the choice then lasts as long as the page.
  }
}

export const themeChoice = new ThemeChoice();
