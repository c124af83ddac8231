// Our grades against OpenBeta's sandbag library: the scores of every grade of its tables, every conversion between its systems
// in both directions, and the label of every score. Its tables are what ours were made from; its code is not ours.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import * as sandbag from '@openbeta/sandbag';

import { accepted } from './accepted.mjs';

/** @typedef {import('@openbeta/sandbag').GradeScalesTypes} Name */
/** @typedef {{ name: Name, system: string, conversionGroup: string, grades: string[], getScore: (grade: string) => number | [number, number], getGrade: (score: number) => string }} Scale */
/** @typedef {{ known: boolean, low: number, high: number, in?: Record<string, string>, bins?: { label: string, low: number, high: number }[] }} Answer */

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** The scales that sandbag names in another way than we do. */
const renamed = /** @type {Record<string, string>} */ ({ vscale: 'v' });

/** @type {Scale[]} */
const scales = Object.values(sandbag.GradeScales).map((name) => {
  const scale = sandbag.getScale(name);
  assert.ok(scale, `sandbag has no scale ${name}`);
  return /** @type {Scale} */ ({ ...scale, system: renamed[name] ?? name });
});

// sandbag warns of every grade that it does not know, which is part of what is compared.
console.warn = () => {};

/**
 * Our answers, in the order of the questions.
 * @param {{ system: string, grade?: string }[]} questions
 * @returns {Answer[]}
 */
function ask(questions) {
  const output = execFileSync('go', ['run', './internal/climb/oracle'], {
    cwd: repository,
    input: questions.map((question) => JSON.stringify(question)).join('\n'),
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  const answers = output.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(answers.length, questions.length);
  return answers;
}

/**
 * What sandbag says, as in the list of differences.
 * @param {number | [number, number]} score
 */
function range(score) {
  if (score === -1) return 'unknown';
  return Array.isArray(score) ? `${score[0]}-${score[1]}` : `${score}-${score}`;
}

const listed = new Map(accepted.flatMap(({ differences }) => differences.map(([key, theirs, ours]) => [key, { theirs, ours }])));
const seen = new Set();

/** @param {string} key @param {string} theirs @param {string} ours */
function compare(key, theirs, ours) {
  const difference = listed.get(key);
  if (difference === undefined) {
    assert.equal(ours, theirs, key);
    return;
  }
  seen.add(key);
  assert.deepEqual({ theirs, ours }, difference, `${key} is not the difference that is listed`);
}

/** @param {Answer} answer */
const ours = (answer) => (answer.known ? `${answer.low}-${answer.high}` : 'unknown');

test('every grade has the same scores, and is the same in every other system', (t) => {
  const questions = scales.flatMap((scale) => scale.grades.map((grade) => ({ scale, grade })));
  const answers = ask(questions.map(({ scale, grade }) => ({ system: scale.system, grade })));
  let conversions = 0;
  for (const [i, { scale, grade }] of questions.entries()) {
    const answer = answers[i];
    compare(`${scale.system} ${grade}`, range(scale.getScore(grade)), ours(answer));
    for (const to of scales) {
      const theirs = sandbag.convertGrade(grade, scale.name, to.name);
      const got = answer.in?.[to.system];
      if (to.conversionGroup !== scale.conversionGroup) {
        assert.deepEqual([theirs, got], ['', undefined], `${grade} is refused in ${to.system}`);
        continue;
      }
      compare(`${scale.system} ${grade} > ${to.system}`, theirs, got ?? 'unknown');
      conversions++;
    }
  }
  t.diagnostic(`${questions.length} grades of ${scales.length} systems, ${conversions} conversions`);
});

test('every score has the same label', (t) => {
  let labels = 0;
  for (const [i, { bins = [] }] of ask(scales.map(({ system }) => ({ system }))).entries()) {
    const scale = scales[i];
    for (const { label, low, high } of bins.filter((bin) => bin.low >= 0)) {
      for (let score = low; score <= high; score++) {
        const theirs = scale.system === 'yds' && score === 11 ? '5.0' : scale.getGrade(score); // 11 is the slip "5"
        assert.equal(label, theirs, `${scale.system} at ${score}`);
        labels++;
      }
    }
    assert.equal(scale.getGrade(1000), bins.at(-1)?.label, `the hardest grade of ${scale.system}`);
  }
  t.diagnostic(`${labels} scores`);
});

/**
 * The ways to write a place between two grades that sandbag reads.
 * @param {Scale} scale
 * @returns {string[]}
 */
function between(scale) {
  const pairs = scale.grades.slice(1).map((harder, i) => /** @type {const} */ ([scale.grades[i], harder]));
  switch (scale.system) {
    case 'yds': {
      const lettered = pairs.filter(([easier, harder]) => easier.slice(0, -1) === harder.slice(0, -1) && /[a-d]$/.test(easier));
      const numbers = Array.from({ length: 6 }, (_, i) => `5.${i + 10}`);
      const signed = [...numbers, ...Array.from({ length: 10 }, (_, i) => `5.${i}`)];
      return [...lettered.map(([easier, harder]) => `${easier}/${harder.at(-1)}`), ...numbers, ...signed.flatMap((n) => [`${n}-`, `${n}+`])];
    }
    case 'v':
      // V0- and V0+ are grades of the table, and sandbag throws at V22+.
      return pairs
        .filter(([easier]) => /^V[1-9]/.test(easier))
        .flatMap(([easier, harder]) => [`${easier}-${harder.slice(1)}`, `${easier}-`, `${easier}+`]);
    case 'font':
    case 'french':
    case 'ewbank':
    case 'norwegian':
    case 'brazilian_crux':
      return pairs.map(([easier, harder]) => `${easier}/${harder}`);
    default:
      return []; // it reads none of UIAA, Saxon, ice and aid
  }
}

test('every place between two grades has the same scores', (t) => {
  const questions = scales.flatMap((scale) => between(scale).map((grade) => ({ scale, grade })));
  const answers = ask(questions.map(({ scale, grade }) => ({ system: scale.system, grade })));
  for (const [i, { scale, grade }] of questions.entries()) {
    compare(`${scale.system} ${grade}`, range(scale.getScore(grade)), ours(answers[i]));
  }
  t.diagnostic(`${questions.length} grades with a slash, a sign or no letter`);
});

test('every difference that is listed is one', () => {
  const gone = [...listed.keys()].filter((key) => !seen.has(key));
  assert.deepEqual(gone, []);
  assert.equal(listed.size, accepted.flatMap(({ differences }) => differences).length, 'a difference is listed twice');
});
