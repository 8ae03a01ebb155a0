import { gzipSync } from 'node:zlib';
import { jsonOf } from '../../../lib/dataverse/errors';
import { parseExactJson } from '../../../lib/dataverse/exact-json';
import { jsonExcess } from '../../../lib/http/json-limits';
import { thrown } from '../../support/errors';

const limits = { depth: 3, containers: 5, values: 6 };

describe('the limits of a JSON text', () => {
  it.each([
    ['[[[[1]]]]', 'has more than 3 objects within each other'],
    ['{"a":{"b":{"c":{}}}}', 'has more than 3 objects within each other'],
    ['[[],[],[],[],[]]', 'has more than 5 objects'],
    ['[1,2,3,4,5,6,7,8]', 'has more than 6 values'],
  ])('are told apart: %s', (text, what) => {
    expect(jsonExcess(text, limits)).toBe(what);
  });

  it.each([
    '[[[]]]',
    '{"a":"[[[[[[[[{{{{{{,,,,,,,,,"}',
    String.raw`{"a":"\"[[[[[[","b\\":"[[[["}`,
    String.raw`["\\\"[[[[[[[[[["]`,
    '"never closed [[[[[[',
    '',
  ])('count nothing that stands in a text: %s', (text) => {
    expect(jsonExcess(text, limits)).toBeUndefined();
  });

  it('take a page of 5,000 rows with 400 columns, and their labels', () => {
    const row = JSON.stringify(Object.fromEntries(Array.from({ length: 800 }, (_, at) => [`c${at}`, at])));
    expect(jsonExcess(`{"value":[${Array.from({ length: 5000 }, () => row).join(',')}]}`)).toBeUndefined();
  });

  it.each([
    ['lists', '[],'],
    ['objects', '{},'],
    ['nesting', '['],
  ])('refuse 40 MB of %s that travel as 40 KB, before they take memory', (_what, part) => {
    const text = `{"value":[${part.repeat(Math.floor((40 * 1024 * 1024) / part.length))}`;
    expect(gzipSync(text).length).toBeLessThan(100_000);
    const before = process.memoryUsage().heapUsed;
    expect(thrown(() => jsonOf({ text }, 'read table "contact"'))).toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('numbers of a response', () => {
  it.each([
    ['{"a":922337203685477.5807}', { a: '922337203685477.5807' }],
    ['{"a":-9223372036854775808,"b":1}', { a: '-9223372036854775808', b: 1 }],
    ['[12345678901234567890]', ['12345678901234567890']],
    ['{"a":0.30000000000000004}', { a: 0.30000000000000004 }],
    ['{"a":20000.0000000000000}', { a: 20000 }],
    ['{"a":"12345678901234567890 \\" 12345678901234567890"}', { a: '12345678901234567890 " 12345678901234567890' }],
    ['{"a":123456789012345}', { a: 123456789012345 }],
    ['{"a":1.7976931348623157e308}', { a: Number.MAX_VALUE }],
  ])('%s are not altered', (text, value) => {
    expect(parseExactJson(text)).toEqual(value);
  });

  it('are read beside a text of 5 MB without trouble', () => {
    const long = '1'.repeat(5_000_000);
    expect(parseExactJson(`{"a":"${long}","b":12345678901234567890}`)).toEqual({ a: long, b: '12345678901234567890' });
  });
});
