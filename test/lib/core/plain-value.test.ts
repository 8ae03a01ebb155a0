import { requirePlainTarget } from '../../../lib/core/plain-value';
import type { Target } from '../../../lib/core/change';

const target = (part: object, lines?: Record<string, number>) =>
  ({
    resource: 'profile',
    api: 'profileAndServicesExt',
    key: { field: 'externalId', value: '1' },
    fields: {},
    loadAndCreationFields: {},
    creationFields: {},
    ...part,
    ...(lines ? { lines } : {}),
  }) as Target;

describe('the values of a target', () => {
  it.each(['fields', 'loadAndCreationFields', 'creationFields'])('may be plain ones in %s', (part) => {
    expect(() => requirePlainTarget(target({ [part]: { a: 'Ada', b: 1.5, c: false, d: null } }))).not.toThrow();
  });

  it.each(['fields', 'loadAndCreationFields', 'creationFields'])('are rejected where one in %s is a list', (part) => {
    expect(() => requirePlainTarget(target({ [part]: { firstName: ['Ada'] } }))).toThrow(
      expect.objectContaining({ code: 'VALUE_NOT_PLAIN', field: 'firstName', mappingLine: undefined }),
    );
  });

  it('are named by their line, where the target knows it', () => {
    const given = target({ fields: { firstName: {} } }, { firstName: 3 });
    expect(() => requirePlainTarget(given)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^Line 3: /) as unknown, mappingLine: 3 }),
    );
  });

  it('are never quoted where they stand in the place of a name', () => {
    const given = target({ fields: { 'ada@example.com': {} } });
    expect(() => requirePlainTarget(given)).toThrow(expect.objectContaining({ field: '…' }));
    expect(() => requirePlainTarget(given)).not.toThrow('ada@example.com');
  });
});
