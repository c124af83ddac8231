/**
 * Where we differ from sandbag on purpose, one by one. What is not listed must agree, and what is listed must differ in just
 * this way: a difference that is gone has to go from the list.
 *
 * A key is `system grade` for the scores of a grade, and `system grade > system` for a conversion. The values are what
 * sandbag says and what we say, scores as `low-high`, and an unknown grade as `unknown`.
 */

/** @typedef {[key: string, theirs: string, ours: string]} Difference */

/** @type {{ why: string, differences: Difference[] }[]} */
export const accepted = [
  {
    why: `sandbag reads VB-, VB+, V0- and V0+ as half a grade off VB and V0, although its own table has rows for them.`,
    differences: [
      ['v VB-', '6-17', '0-11'],
      ['v VB- > v', 'VB--VB', 'VB-'],
      ['v VB- > font', '1b+/2b', '1a/1c+'],
      ['v VB+', '18-29', '24-35'],
      ['v VB+ > v', 'VB-VB+', 'VB+'],
      ['v VB+ > font', '2b+/3b', '3a/3c+'],
      ['v V0-', '38-41', '36-39'],
      ['v V0- > v', 'V0--V0', 'V0-'],
      ['v V0- > font', '4a+/4b', '4a/4a+'],
      ['v V0+', '42-45', '44-47'],
      ['v V0+ > v', 'V0-V0+', 'V0+'],
      ['v V0+ > font', '4b+/4c', '4c/4c+'],
    ],
  },
  {
    why: `Score 11 of sandbag's routes is a YDS grade "5" between 5.0 and 5.1: a slip for 5.0, which sandbag itself does not read.`,
    differences: [
      ['yds 5.0', '0-10', '0-11'],
      ['yds 5.0 > ewbank', '1/3', '1/4'],
      ['yds 5 > yds', '5.0', 'unknown'],
      ['yds 5 > french', '1a', 'unknown'],
      ['yds 5 > uiaa', '1', 'unknown'],
      ['yds 5 > ewbank', '1', 'unknown'],
      ['yds 5 > saxon', '1', 'unknown'],
      ['yds 5 > norwegian', '1-', 'unknown'],
      ['yds 5 > brazilian_crux', 'I', 'unknown'],
      ['french 1c+ > yds', '5.0/5', '5.0'],
      ['uiaa 1 > yds', '5.0/5', '5.0'],
      ['ewbank 4 > yds', '5', '5.0'],
      ['saxon 1 > yds', '5.0/5', '5.0'],
      ['norwegian 2- > yds', '5.0/5', '5.0'],
    ],
  },
  {
    why: `sandbag writes UIAA's grades 10+/11-, 11/11+ and 11+/12- but reads them as unknown, and converts that as score 0.`,
    differences: [
      ['uiaa 10+/11-', 'unknown', '90-91'],
      ['uiaa 10+/11- > yds', '5.0', '5.14a'],
      ['uiaa 10+/11- > french', '1a', '8b+'],
      ['uiaa 10+/11- > uiaa', '1', '10+/11-'],
      ['uiaa 10+/11- > ewbank', '1', '32'],
      ['uiaa 10+/11- > saxon', '1', '11c'],
      ['uiaa 10+/11- > norwegian', '1-', '9+'],
      ['uiaa 10+/11- > brazilian_crux', 'I', 'Xc'],
      ['uiaa 11/11+', 'unknown', '98-99'],
      ['uiaa 11/11+ > yds', '5.0', '5.15a'],
      ['uiaa 11/11+ > french', '1a', '9a+'],
      ['uiaa 11/11+ > uiaa', '1', '11/11+'],
      ['uiaa 11/11+ > ewbank', '1', '36'],
      ['uiaa 11/11+ > saxon', '1', '13a'],
      ['uiaa 11/11+ > norwegian', '1-', '10+'],
      ['uiaa 11/11+ > brazilian_crux', 'I', 'XIIa'],
      ['uiaa 11+/12-', 'unknown', '102-103'],
      ['uiaa 11+/12- > yds', '5.0', '5.15c'],
      ['uiaa 11+/12- > french', '1a', '9b+'],
      ['uiaa 11+/12- > uiaa', '1', '11+/12-'],
      ['uiaa 11+/12- > ewbank', '1', '38'],
      ['uiaa 11+/12- > saxon', '1', '13b'],
      ['uiaa 11+/12- > norwegian', '1-', '11-'],
      ['uiaa 11+/12- > brazilian_crux', 'I', 'XIIc'],
    ],
  },
  {
    why: `Of UIAA grades that are pairs themselves, sandbag makes three grades in a row; we keep the outer two.`,
    differences: [
      ['yds 5.11a > uiaa', '7+/7+/8-', '7+/8-'],
      ['yds 5.11b > uiaa', '7+/8-/8-', '7+/8-'],
      ['ewbank 21 > uiaa', '7+/7+/8-', '7+/8-'],
      ['ewbank 22 > uiaa', '7+/8-/8-', '7+/8-'],
      ['saxon 9a > uiaa', '7+/8-/8-', '7+/8-'],
      ['saxon 10a > uiaa', '8+/9-/9-', '8+/9-'],
      ['saxon 11c > uiaa', '10+/10+/11-', '10+/11-'],
      ['saxon 13b > uiaa', '11+/11+/12-', '11+/12-'],
      ['norwegian 8- > uiaa', '8+/8+/9-', '8+/9-'],
      ['norwegian 9+ > uiaa', '10+/11-/11-', '10+/11-'],
      ['norwegian 10+ > uiaa', '11/11+/11+', '11/11+'],
    ],
  },
  {
    why: `Signs at 5.0 and 5.1 lean on the slip "5" in sandbag; below 5.0 we have easy terrain, where sandbag has nothing.`,
    differences: [
      ['yds 5.0-', '5-5', '-1-5'],
      ['yds 5.0+', '5-11', '6-14'],
      ['yds 5.1-', '11-14', '6-14'],
    ],
  },
];
