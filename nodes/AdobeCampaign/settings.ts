import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { OPTED_OUT_PROFILES, type OptedOutProfiles } from '../../lib/campaign/kept-opt-outs';
import type { Lookup } from '../../lib/campaign/records';
import { ConfigurationError } from '../../lib/core/errors';
import { parseTypedName } from '../../lib/core/metadata';
import { readRememberedOptOuts, type RememberedOptOuts } from './remembered-opt-outs';
import { jsonParameter, parseParameters, textOfItem } from '../shared/parse-parameters';

export type Operation = 'apply' | 'upsert' | 'delete' | 'get';

/** Holds for all items. */
export interface Settings {
  readonly operation: Operation;
  readonly lookup: Lookup;
  /** Of the operations that write. */
  readonly consent?: ConsentSettings;
}

/** What keeps a person from being contacted who opted out. */
export interface ConsentSettings {
  /** Of Apply Change; Delete deletes what it is told to. */
  readonly optedOutProfiles: OptedOutProfiles;
  /** What the flow remembers of profiles that were deleted, by key. */
  readonly rememberedOptOuts: Pick<RememberedOptOuts, 'get'>;
  /** Before a profile is made, look for one whose key is the same GUID in another form. */
  readonly otherKeyForms: boolean;
}

/** What one item of Upsert, Delete and Get is about; its parameters may be expressions. */
export interface RecordSettings {
  /** As the locator gives it; see resolveResource. */
  readonly resource: string;
  readonly keyField: string;
  readonly keyValue: string;
}

export interface UpsertSettings extends RecordSettings {
  /** Field names and what was entered for each; nested objects are possible. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly updateOnly: boolean;
}

export type SettingsContext = Pick<IExecuteFunctions, 'getNodeParameter'>;

const settings = z.object({
  operation: z.enum(['apply', 'upsert', 'delete', 'get']),
  lookup: z.discriminatedUnion('by', [
    z.object({ by: z.literal('key') }),
    z.object({ by: z.literal('filter'), filter: required('Filter Name'), parameter: required('Filter Parameter') }),
  ]),
});

const options = z
  .object({
    optedOutProfiles: z.enum(OPTED_OUT_PROFILES).default('reject'),
    rememberedOptOuts: z.unknown(),
    otherKeyForms: z.enum(['look', 'ignore']).default('look'),
  })
  .default({});

const record = z.object({
  resource: required('Resource'),
  keyField: required('Key Field'),
  keyValue: textOfItem,
});

const upsert = record.extend({ fields: z.record(z.unknown()), updateOnly: z.boolean() });

function required(what: string) {
  return z
    .string({ message: `${what} is missing` })
    .trim()
    .min(1, `${what} is missing`);
}

/**
 * The parameters that hold for all items, read once.
 *
 * @throws ConfigurationError SETTINGS_INVALID
 */
export function readSettings(context: SettingsContext): Settings {
  const by = context.getNodeParameter('lookup', 0, 'key');
  const { operation, lookup } = parse(settings, {
    operation: context.getNodeParameter('operation', 0),
    lookup:
      by === 'filter'
        ? {
            by,
            filter: context.getNodeParameter('filterName', 0, ''),
            parameter: context.getNodeParameter('filterParameter', 0, ''),
          }
        : { by },
  });
  return operation === 'get' ? { operation, lookup } : { operation, lookup, consent: readConsent(context, operation) };
}

function readConsent(context: SettingsContext, operation: Operation): ConsentSettings {
  const { optedOutProfiles, rememberedOptOuts, otherKeyForms } = parse(
    options,
    context.getNodeParameter('options', 0, {}),
  );
  return {
    optedOutProfiles: operation === 'apply' ? optedOutProfiles : 'delete',
    rememberedOptOuts: readRememberedOptOuts(rememberedOptOuts),
    otherKeyForms: otherKeyForms === 'look',
  };
}

/**
 * What an item of Delete or Get is about.
 *
 * @throws ConfigurationError SETTINGS_INVALID
 */
export function readRecord(context: SettingsContext, item: number): RecordSettings {
  return parse(record, recordParameters(context, item));
}

/**
 * What an item of Upsert is about.
 *
 * @throws ConfigurationError SETTINGS_INVALID, DUPLICATE_FIELD
 */
export function readUpsert(context: SettingsContext, item: number): UpsertSettings {
  return parse(upsert, {
    ...recordParameters(context, item),
    fields:
      context.getNodeParameter('fieldsMode', item, 'list') === 'json'
        ? parse(json, context.getNodeParameter('fieldsJson', item, '{}'))
        : readList(context.getNodeParameter('fields.field', item, [])),
    updateOnly: context.getNodeParameter('updateOnly', item, false),
  });
}

function recordParameters(context: SettingsContext, item: number) {
  return {
    resource: context.getNodeParameter('resource', item, '', { extractValue: true }),
    keyField: parseTypedName(String(context.getNodeParameter('keyField', item, ''))).name,
    keyValue: context.getNodeParameter('keyValue', item, ''),
  };
}

const json = jsonParameter('Fields (JSON)');

const list = z.array(z.object({ name: required('The name of a field'), value: z.unknown() }));

function readList(value: unknown): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const entry of parse(list, value)) {
    const { name } = parseTypedName(entry.name);
    if (fields.has(name)) {
      throw new ConfigurationError('DUPLICATE_FIELD', `The field "${name}" stands in the list twice.`, {
        hint: 'Take one of the two out.',
      });
    }
    fields.set(name, entry.value);
  }
  return Object.fromEntries(fields);
}

function parse<T>(schema: z.ZodType<T, z.ZodTypeDef, unknown>, value: unknown): T {
  return parseParameters(schema, value, 'Adobe Campaign node');
}
