import { z } from 'zod';
import { unusableCharacterIn } from '../../../lib/core/text';
import type { WriteOptions } from '../../../lib/dataverse/write-options';

/** How requests travel. `batchSize` 0: each on its own. */
export interface SendSettings extends WriteOptions {
  readonly batchSize: number;
}

/** The options that all writing operations have. */
export const sendParameters = z.object({
  method: z.enum(['single', 'batch']).default('single'),
  batchSize: z.coerce.number().int().min(1).max(1000).default(10),
  tag: z.coerce
    .string()
    .trim()
    .refine((text) => unusableCharacterIn(text) === undefined, 'holds a control character or half of a surrogate pair')
    .default(''),
  bypassPlugIns: z.boolean().default(false),
  bypassFlows: z.boolean().default(false),
  detectDuplicates: z.boolean().default(false),
});

/** The options, typed. */
export function sendSettings(options: z.infer<typeof sendParameters>): SendSettings {
  const { method, batchSize, tag, ...writeOptions } = options;
  return { ...writeOptions, tag: tag === '' ? undefined : tag, batchSize: method === 'batch' ? batchSize : 0 };
}
