import { z } from 'zod';
import { jsonParameter, parseParameters, textOfItem } from '../../../nodes/shared/parse-parameters';
import { thrown } from '../../support/errors';

describe('the parameters of a node', () => {
  const shape = z.object({ size: z.number().max(5), options: z.object({ zone: z.string() }) });

  it('come out as their schema says', () => {
    expect(parseParameters(shape, { size: 3, options: { zone: 'UTC' } }, 'Field Mapper node')).toEqual({
      size: 3,
      options: { zone: 'UTC' },
    });
  });

  it('are refused with every wrong one named', () => {
    const error = thrown(() => parseParameters(shape, { size: 9, options: {} }, 'Field Mapper node'));
    expect(error.code).toBe('SETTINGS_INVALID');
    expect(error.message).toMatch(/^The settings of the Field Mapper node are not right\. size: .*; options\.zone: /);
  });

  it('are named as a value where there is only one', () => {
    expect(thrown(() => parseParameters(z.enum(['a']), 'b', 'Record Filter node')).message).toContain('value: ');
  });
});

describe('a JSON parameter', () => {
  const parse = (value: unknown) => parseParameters(jsonParameter('Fields (JSON)'), value, 'node');

  it.each([
    ['{"a":1}', { a: 1 }],
    [{ a: 1 }, { a: 1 }],
  ])('takes %p', (value, expected) => expect(parse(value)).toEqual(expected));

  it.each(['', '{a:1}', '{"a":'])('refuses %p by its name', (text) => {
    expect(thrown(() => parse(text)).message).toContain('"Fields (JSON)" is not valid JSON');
  });
});

describe('a text of an item', () => {
  it.each([
    ['a', 'a'],
    [7, '7'],
    [null, ''],
    [{ a: 1 }, ''],
    [undefined, ''],
  ])('%p is %p', (value, expected) => expect(textOfItem.parse(value)).toBe(expected));
});
