import { describe, expect, it } from 'vitest';
import { isSearch, logbookQueryOf, logbookQueryText } from '../../src/lib/logbook/query';
import { destinationAfterLogin, isForGuests, isFromMail, isInternal, needsSession, routeOf } from '../../src/lib/router/match';

describe('pages', () => {
  it.each([
    ['/', 'landing'],
    ['/dashboard', 'dashboard'],
    ['/dashboard/', 'dashboard'],
    ['/dashboard/x', 'missing'],
    ['/settings', 'settings'],
    ['/activity', 'activity'],
    ['/billing', 'billing'],
    ['/coach', 'coach'],
    ['/verify', 'verify'],
    ['/forgot-password', 'forgot-password'],
    ['/reset-password/', 'reset-password'],
    ['/confirm-email', 'confirm-email'],
    ['/constructor', 'missing'],
  ])('%s is %s', (path, route) => {
    expect(routeOf(path)).toBe(route);
  });
});

describe('pages that a mail leads to', () => {
  it.each(['verify', 'reset-password', 'confirm-email'] as const)('%s is open with and without a session', (route) => {
    expect([isFromMail(route), needsSession(route), isForGuests(route)]).toEqual([true, false, false]);
  });
});

describe('links', () => {
  it.each([
    ['/logbook', true],
    ['/_/', false],
    ['/v1/users/me/ticks.csv', false],
    ['/assets/x.js', false],
    ['https://www.mountainproject.com/', false],
  ])('%s is ours: %s', (href, internal) => {
    expect(isInternal(new URL(href, 'https://cragbase.test'), 'https://cragbase.test')).toBe(internal);
  });
});

describe('the way on after logging in', () => {
  it.each([
    [null, '/dashboard'],
    ['/logbook?q=moss', '/logbook?q=moss'],
    ['/dashboard?discipline=sport', '/dashboard?discipline=sport'],
    ['/activity?page=2', '/activity?page=2'],
    ['/settings#password', '/settings#password'],
    ['/billing?session_id=cs_1', '/billing?session_id=cs_1'],
    ['/coach?chat=abc', '/coach?chat=abc'],
    ['/login?next=/login', '/dashboard'],
    ['/reset-password?token=x', '/dashboard'],
    ['//evil.test/dashboard', '/dashboard'],
    ['/\\evil.test', '/dashboard'],
    ['https://evil.test/dashboard', '/dashboard'],
    ['javascript:alert(1)', '/dashboard'],
  ])('next=%s leads to %s', (next, path) => {
    expect(destinationAfterLogin(next)).toBe(path);
  });
});

describe('the logbook search in the address', () => {
  it.each([
    ['', { search: '', discipline: null, badge: null, page: 1 }],
    ['badge=gone', { search: '', discipline: null, badge: 'gone', page: 1 }],
    ['q=moss&discipline=boulder&badge=edited&page=3', { search: 'moss', discipline: 'boulder', badge: 'edited', page: 3 }],
  ])('%j', (query, search) => {
    expect(logbookQueryOf(new URLSearchParams(query))).toEqual(search);
    expect(logbookQueryText(logbookQueryOf(new URLSearchParams(query))).toString()).toBe(query);
  });

  it.each(['page=0', 'page=-1', 'page=1.5', 'page=x', 'discipline=toString', 'badge=x', 'q=%20%20'])('%s is the first page of everything', (query) => {
    expect(logbookQueryOf(new URLSearchParams(query))).toEqual({ search: '', discipline: null, badge: null, page: 1 });
  });

  it.each([
    ['', false],
    ['page=2', false],
    ['q=moss', true],
    ['discipline=tr', true],
    ['badge=gone', true],
  ])('%j leaves ticks out: %s', (query, left) => {
    expect(isSearch(logbookQueryOf(new URLSearchParams(query)))).toBe(left);
  });
});
