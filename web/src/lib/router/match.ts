export type RouteName =
  | 'landing'
  | 'login'
  | 'signup'
  | 'dashboard'
  | 'logbook'
  | 'analytics'
  | 'settings'
  | 'activity'
  | 'billing'
  | 'coach'
  | 'verify'
  | 'forgot-password'
  | 'reset-password'
  | 'confirm-email'
  | 'missing';

const paths: Record<string, RouteName> = {
  '/': 'landing',
  '/login': 'login',
  '/signup': 'signup',
  '/dashboard': 'dashboard',
  '/logbook': 'logbook',
  '/analytics': 'analytics',
  '/settings': 'settings',
  '/activity': 'activity',
  '/billing': 'billing',
  '/coach': 'coach',
  '/verify': 'verify',
  '/forgot-password': 'forgot-password',
  '/reset-password': 'reset-password',
  '/confirm-email': 'confirm-email',
};

/** Paths that the server answers itself; a link to one of them leaves the app. */
const serverPaths = /^\/(v1|api|_|assets)(\/|$)/;

/** The page of a path; a trailing slash does not matter. */
export function routeOf(path: string): RouteName {
  return paths[path === '/' ? path : path.replace(/\/+$/, '')] ?? 'missing';
}

const ownPages: ReadonlySet<RouteName> = new Set(['dashboard', 'logbook', 'analytics', 'settings', 'activity', 'billing', 'coach']);

export function needsSession(route: RouteName): boolean {
  return ownPages.has(route);
}

export function isForGuests(route: RouteName): boolean {
  return route === 'landing' || route === 'login' || route === 'signup';
}

/** Pages that a mail leads to. They are open to everybody: the token in the link says whose account it is. */
export function isFromMail(route: RouteName): boolean {
  return route === 'verify' || route === 'reset-password' || route === 'confirm-email';
}

/** Whether the app's own router shows this address. */
export function isInternal(target: URL, origin: string): boolean {
  return target.origin === origin && !serverPaths.test(target.pathname);
}

/**
 * Where to go after logging in: the page that asked for it, else the dashboard. Anything that is not
 * one of our own pages is refused, so that a crafted link cannot send a climber elsewhere.
 */
export function destinationAfterLogin(next: string | null): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/dashboard';
  const path = next.split(/[?#]/, 1)[0] ?? '';
  return needsSession(routeOf(path)) ? next : '/dashboard';
}
