import type { ITriggerFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { folderIn } from '../../lib/sftp/remote-path';
import type { WatcherSettings } from '../../lib/sftp/watcher-settings';
import { formatParameters, formatShape, toRowSettings } from '../shared/export-format';
import { parseParameters } from '../shared/parse-parameters';
import { allClear, batchSize, longestRetryPause, runMsOf, type AllClear } from '../shared/trigger-parameters';

/** The trigger's parameters, typed. This is the only place that reads them. */
export interface ExportTriggerSettings {
  readonly watcher: WatcherSettings;
  readonly longestRetryPauseMs: number;
  readonly allClear: AllClear;
  /** How long a run may take: the workflow's execution timeout, or an hour where it has none. In milliseconds. */
  readonly runMs: number;
}

const shape = formatShape
  .extend({
    folder: z.string().trim().min(1, 'is empty'),
    pattern: z.string().trim().min(1, 'is empty'),
    batchSize,
    afterwards: z.enum(['leave', 'move', 'delete']),
    doneFolder: z.string().trim(),
    brokenFolder: z.string().trim().min(1, 'is empty'),
    lateAfterHours: z.coerce.number().min(0),
    storagePercent: z.coerce.number().min(0).max(100),
    options: z
      .object({
        stableSeconds: z.coerce.number().min(0).max(86_400).default(60),
        allClear,
        longestRetryPause,
        pollSeconds: z.coerce.number().min(1).max(86_400).default(60),
      })
      .default({}),
  })
  .superRefine(({ afterwards, doneFolder, brokenFolder, folder }, issues) => {
    const same = (other: string) => folderIn(folder, other) === folderIn(folder, '.');
    const complain = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message });
    if (afterwards === 'move' && doneFolder === '') complain('doneFolder', 'is empty');
    // Files would be found again where they were put.
    if (afterwards === 'move' && same(doneFolder)) complain('doneFolder', 'is the watched folder');
    if (same(brokenFolder)) complain('brokenFolder', 'is the watched folder');
  });

type SettingsContext = Pick<ITriggerFunctions, 'getNodeParameter' | 'getWorkflowSettings'>;

/**
 * Reads and checks the parameters.
 *
 * @throws ConfigurationError SETTINGS_INVALID that names each parameter and what is wrong with it
 */
export function readSettings(context: SettingsContext): ExportTriggerSettings {
  const get = (name: string, fallback: unknown): unknown => context.getNodeParameter(name, fallback);
  const read = {
    ...formatParameters(get),
    folder: get('folder', ''),
    pattern: get('pattern', ''),
    batchSize: get('batchSize', 500),
    afterwards: get('afterwards', 'move'),
    doneFolder: get('doneFolder', 'processed'),
    brokenFolder: get('brokenFolder', 'broken'),
    lateAfterHours: get('lateAfterHours', 26),
    storagePercent: get('storagePercent', 80),
    options: get('options', {}),
  };
  const { options, afterwards, doneFolder, brokenFolder, folder, ...rest } = parseParameters(
    shape,
    read,
    'SFTP Export Trigger',
  );
  return {
    watcher: {
      folder,
      pattern: rest.pattern,
      rows: toRowSettings(rest),
      batchSize: rest.batchSize,
      stableMs: options.stableSeconds * 1000,
      pollMs: options.pollSeconds * 1000,
      afterwards: afterwards === 'move' ? { kind: 'move', folder: folderIn(folder, doneFolder) } : { kind: afterwards },
      brokenFolder: folderIn(folder, brokenFolder),
      lateAfterHours: rest.lateAfterHours,
      storagePercent: rest.storagePercent,
    },
    longestRetryPauseMs: options.longestRetryPause * 1000,
    allClear: options.allClear,
    runMs: runMsOf(context),
  };
}
