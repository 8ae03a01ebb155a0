import type { ResourceDescription, TableDescription } from '../../../lib/core/metadata';
import { Problems, type Problem } from '../../../lib/core/problems';
import { resolveColumn, resolveField } from '../../../lib/core/resolve-column';
import { column, field, resourceOf, tableOf } from '../../support/builders';

const TABLE = tableOf(
  column('firstname', 'string', { label: 'First Name' }),
  column('gendercode', 'choice', { label: 'Gender' }),
  column('new_a|b', 'integer'),
);
const RESOURCE = resourceOf(
  field('firstName', 'string', { label: 'First name' }),
  field('blackListEmail', 'boolean', { label: 'No longer contact by email' }),
  field('location.city', 'string', { label: 'City' }),
  field('location.blackListed', 'boolean', { label: 'Do not visit' }),
);

/** Collects what is reported instead of throwing it. */
class Reported extends Problems {
  readonly all: Problem[] = [];
  override add(problem: Problem): void {
    this.all.push(problem);
    super.add(problem);
  }
}

function columnFor(setting: string, table: TableDescription = TABLE) {
  const problems = new Reported();
  return { found: resolveColumn(setting, 'Line 3', table, problems), problems: problems.all };
}

function fieldFor(setting: string, resource: ResourceDescription = RESOURCE) {
  const problems = new Reported();
  return { found: resolveField(setting, 'Line 3', resource, problems), problems: problems.all };
}

describe('resolveColumn', () => {
  it.each([
    ['by name and type, as a drop-down gives it', 'gendercode|choice', 'gendercode'],
    ['by its name alone, as an expression gives it', 'gendercode', 'gendercode'],
    ['by name and type where the name itself holds a bar', 'new_a|b|integer', 'new_a|b'],
    ['when it is the primary key', 'contactid|uniqueidentifier', 'contactid'],
  ])('finds the live column %s', (_, setting, name) => {
    const { found, problems } = columnFor(setting);
    expect(problems).toEqual([]);
    expect(found).toBe(TABLE.columns.find((each) => each.name === name));
    expect(found?.name).toBe(name);
  });

  it('gives each table its own column of a name', () => {
    const other = tableOf(column('firstname', 'memo'));
    expect(columnFor('firstname').found?.type).toBe('string');
    expect(columnFor('firstname', other).found?.type).toBe('memo');
    expect(columnFor('gendercode', other).found).toBeUndefined();
  });

  it.each(['', ' ', '\t\n', '|', '|string', ' |choice'])('asks for a column where the setting is %j', (setting) => {
    expect(columnFor(setting)).toEqual({
      found: undefined,
      problems: [
        {
          where: 'Line 3',
          code: 'COLUMN_MISSING',
          message: 'no column is chosen.',
          hint: 'Choose a column from the list, or remove this entry.',
        },
      ],
    });
  });

  it.each([
    ['frstname|string', 'frstname', ' Did you mean "firstname"?'],
    ['First Nam', 'First Nam', ' Did you mean "firstname"?'],
    ['Firstname', 'Firstname', ' Did you mean "firstname"?'],
    ['gendercode ', 'gendercode ', ' Did you mean "gendercode"?'],
    ['shoesize|integer', 'shoesize', ''],
    ['__proto__', '__proto__', ''],
    ['constructor|string', 'constructor', ''],
    ['toString', 'toString', ''],
  ])('reports %j as unknown, with the nearest name if there is one', (setting, name, hint) => {
    const { found, problems } = columnFor(setting);
    expect(found).toBeUndefined();
    expect(problems).toEqual([
      {
        where: 'Line 3',
        code: 'UNKNOWN_COLUMN',
        message: `the table "contact" has no readable column "${name}".${hint}`,
        hint: expect.stringContaining('Choose the column again') as string,
      },
    ]);
  });

  it.each(['gendercode|string', 'gendercode|', 'gendercode|Choice', 'gendercode| choice'])(
    'refuses %j when the type is no longer the one that was chosen',
    (setting) => {
      const { found, problems } = columnFor(setting);
      const chosen = setting.slice('gendercode|'.length);
      expect(found).toBeUndefined();
      expect(problems).toEqual([
        {
          where: 'Line 3',
          code: 'COLUMN_RETYPED',
          message: `the column "gendercode" was chosen as ${chosen}, and is now choice in Dynamics 365.`,
          hint: expect.stringContaining('Choose the column again') as string,
        },
      ]);
    },
  );
});

describe('resolveField', () => {
  it.each([
    ['by name and type', 'firstName|string', 'firstName'],
    ['by its name alone', 'firstName', 'firstName'],
    ['when it is nested', 'location.city|string', 'location.city'],
    ['when it is a deny list, under its name in the API', 'blackListEmail|boolean', 'blackListEmail'],
    ['when it is a deny list, under its name in the product', 'denyListEmail|boolean', 'blackListEmail'],
    ['when it is a deny list, under its name in the product alone', 'denyListEmail', 'blackListEmail'],
  ])('finds the live field %s', (_, setting, name) => {
    const { found, problems } = fieldFor(setting);
    expect(problems).toEqual([]);
    expect(found).toBe(RESOURCE.fields.find((each) => each.name === name));
    expect(found?.name).toBe(name);
  });

  it('prefers a field that really has the name to the deny list of the same channel', () => {
    const resource = resourceOf(field('blackListEmail', 'boolean'), field('denyListEmail', 'string'));
    expect(fieldFor('denyListEmail', resource).found?.type).toBe('string');
  });

  it.each(['', ' ', '\t\n', '|', '|string'])('asks for a field where the setting is %j', (setting) => {
    expect(fieldFor(setting)).toEqual({
      found: undefined,
      problems: [
        {
          where: 'Line 3',
          code: 'FIELD_MISSING',
          message: 'no Campaign field is chosen.',
          hint: 'Choose a field from the list.',
        },
      ],
    });
  });

  it.each([
    ['firstNme|string', 'firstNme', ' Did you mean "firstName"?'],
    ['city', 'city', ' Did you mean "location.city"?'],
    ['denyListFax', 'denyListFax', ''],
    ['location.denyListed', 'location.denyListed', ' Did you mean "location.blackListed"?'],
    ['denylistEmail', 'denylistEmail', ''],
    ['blakListEmail', 'blakListEmail', ' Did you mean "blackListEmail"?'],
    ['__proto__|string', '__proto__', ''],
  ])('reports %j as unknown, with the nearest name if there is one', (setting, name, hint) => {
    const { found, problems } = fieldFor(setting);
    expect(found).toBeUndefined();
    expect(problems).toEqual([
      {
        where: 'Line 3',
        code: 'UNKNOWN_FIELD',
        message: `the Campaign resource "profile" has no field "${name}".${hint}`,
        hint: expect.stringContaining('Choose the field again') as string,
      },
    ]);
  });

  it.each([
    ['firstName|memo', 'firstName', 'memo', 'string'],
    ['firstName|', 'firstName', '', 'string'],
    ['denyListEmail|string', 'denyListEmail', 'string', 'boolean'],
  ])('refuses %j when the type is no longer the one that was chosen', (setting, name, chosen, now) => {
    const { found, problems } = fieldFor(setting);
    expect(found).toBeUndefined();
    expect(problems).toEqual([
      {
        where: 'Line 3',
        code: 'FIELD_RETYPED',
        message: `the field "${name}" was chosen as ${chosen}, and is now ${now} in Campaign.`,
        hint: expect.stringContaining('Choose the field again') as string,
      },
    ]);
  });
});
