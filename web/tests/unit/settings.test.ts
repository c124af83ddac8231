import { describe, expect, it } from 'vitest';
import { deviceWords } from '../../src/lib/device';
import { sessionIn } from '../../src/lib/pb/account';
import { fileNameIn } from '../../src/lib/pb/export';
import { pageIn } from '../../src/lib/router/page';
import { strengthOf } from '../../src/lib/strength';

describe('the session of a token', () => {
  const token = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.signature`;

  it.each([
    ['its id', token({ sid: 'abc123' }), 'abc123'],
    ['a token of before there were sessions', token({ id: 'x' }), ''],
    ['another type', token({ sid: 7 }), ''],
    ['half a token', token({ sid: 'abc123' }).slice(0, 12), ''],
    ['no token', '', ''],
  ])('%s', (_, text, id) => {
    expect(sessionIn(text)).toBe(id);
  });
});

describe('the name of a downloaded file', () => {
  it.each([
    ['attachment; filename="cragbase-export-ada-2026-05-09.zip"', 'cragbase-export-ada-2026-05-09.zip'],
    ['attachment; filename=export.zip', 'export.zip'],
    ['attachment; filename=export.zip; size=3', 'export.zip'],
    ['attachment; filename="../../.profile"', '-..-.profile'],
    ['attachment; filename="..\\evil.zip"', '-evil.zip'],
    ['attachment; filename=""', 'fallback.zip'],
    ['attachment', 'fallback.zip'],
    [null, 'fallback.zip'],
  ])('%s', (header, name) => {
    expect(fileNameIn(header, 'fallback.zip')).toBe(name);
  });
});

describe('a device in words', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36', 'Chrome on Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0', 'Edge on Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15', 'Safari on macOS'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1', 'Chrome on iPhone'],
    ['Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0', 'Firefox on Android'],
    ['curl/8.14.1', 'curl'],
    ['node', 'node'],
    ['Mozilla/5.0 (compatible)', 'Unknown device'],
    ['', 'Unknown device'],
  ])('%s', (userAgent, words) => {
    expect(deviceWords(userAgent)).toBe(words);
  });
});

describe('how strong a password is', () => {
  it.each([
    [0, false, 1, 'bad'],
    [1, false, 1, 'bad'],
    [2, false, 2, 'fair'],
    [4, false, 2, 'fair'],
    [3, true, 3, 'good'],
    [4, true, 4, 'good'],
  ])('score %i, accepted %s: %i bars, %s', (score, accepted, bars, tone) => {
    expect(strengthOf({ score, accepted, advice: [] })).toMatchObject({ bars, tone });
  });
});

it.each([
  ['', 1],
  ['page=3', 3],
  ['page=0', 1],
  ['page=1e99', 1],
  ['page=x', 1],
])('page of %j', (query, page) => {
  expect(pageIn(new URLSearchParams(query))).toBe(page);
});
