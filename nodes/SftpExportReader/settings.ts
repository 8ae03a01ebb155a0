import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import type { RowSettings } from '../../lib/sftp/watcher-settings';
import { formatParameters, formatShape, toRowSettings } from '../shared/export-format';
import { parseParameters } from '../shared/parse-parameters';

/** The reader's parameters for one input item, typed. This is the only place that reads them. */
export interface ReaderSettings {
  readonly path: string;
  readonly rows: RowSettings;
  readonly limit: number;
  readonly whenMore: 'fail' | 'first';
}

const shape = formatShape.extend({
  path: z.string().trim().min(1, 'is empty'),
  limit: z.coerce.number().int().min(1),
  whenMore: z.enum(['fail', 'first']),
});

/** @throws ConfigurationError SETTINGS_INVALID that names each parameter and what is wrong with it */
export function readSettings(context: Pick<IExecuteFunctions, 'getNodeParameter'>, itemIndex: number): ReaderSettings {
  const get = (name: string, fallback: unknown): unknown => context.getNodeParameter(name, itemIndex, fallback);
  const read = {
    ...formatParameters(get),
    path: get('path', ''),
    limit: get('limit', 100_000),
    whenMore: get('whenMore', 'fail'),
  };
  const { path, limit, whenMore, ...format } = parseParameters(shape, read, 'SFTP Export Reader');
  return { path, limit, whenMore, rows: toRowSettings(format) };
}
