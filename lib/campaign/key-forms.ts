import { RejectedRecordError } from '../core/errors';
import { readGuid } from '../core/guid';
import type { CallOptions } from '../http/call-options';
import { readField } from './dotted-fields';
import type { FindRequest, FoundRecord } from './records';

/** A form in which another system may have written a GUID. */
interface KeyForm {
  readonly words: string;
  readonly of: (guid: string) => string;
}

const FORMS: readonly KeyForm[] = [
  { words: 'in lower case', of: (guid) => guid },
  { words: 'in upper case', of: (guid) => guid.toUpperCase() },
  { words: 'in braces', of: (guid) => `{${guid}}` },
  { words: 'in upper case and braces', of: (guid) => `{${guid.toUpperCase()}}` },
  { words: 'with a blank behind it', of: (guid) => `${guid} ` },
  { words: 'with a blank before it', of: (guid) => ` ${guid}` },
];

/** A record that was found by a key in another form. */
export interface FoundInOtherForm {
  /** The key as the record has it; null where several records have one of the forms. */
  readonly key: string | null;
  /** For a sentence: "in upper case". */
  readonly words: string;
  readonly found: FoundRecord | null;
}

/**
 * Looks a GUID up in the forms that it was not found in: one request for each, side by side.
 *
 * @param request as for the look-up that found nothing; no request is made for a key that is no GUID
 * @throws SyncErrors other than RejectedRecordError: a form that Campaign refuses as a key is none that a record has
 */
export async function findInOtherForm(
  client: { find(request: FindRequest, options?: CallOptions): Promise<FoundRecord | null> },
  request: FindRequest,
  options: CallOptions,
): Promise<FoundInOtherForm | undefined> {
  const guid = readGuid(request.keyValue);
  if (guid === undefined) return undefined;
  const others = FORMS.map(({ words, of }) => ({ words, key: of(guid) })).filter(({ key }) => key !== request.keyValue);
  const looked = await Promise.all(
    others.map(async ({ words, key }): Promise<FoundInOtherForm | undefined> => {
      try {
        const found = await client.find({ ...request, keyValue: key }, options);
        if (!found) return undefined;
        const value = readField(found.record, request.keyField);
        return readGuid(value) === guid ? { key: String(value), words, found } : undefined;
      } catch (error) {
        if (!(error instanceof RejectedRecordError)) throw error;
        return error.code === 'AMBIGUOUS_KEY' ? { key: null, words, found: null } : undefined;
      }
    }),
  );
  return looked.find((one) => one !== undefined);
}
