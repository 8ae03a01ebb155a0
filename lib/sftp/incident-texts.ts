import { ConfigurationError, RetriableError, type SyncError } from '../core/errors';
import { FINISHED_LIMIT } from '../sync/export/export-state';
import type { Incident } from '../sync/export/incidents';

/** What the texts may name. */
export interface IncidentFacts {
  readonly used?: number | undefined;
  readonly cause?: SyncError;
  readonly lastExportAt: string;
  readonly settings: { readonly folder: string; readonly lateAfterHours: number; readonly storagePercent: number };
}

/** The error that is reported when an incident begins. */
export function incidentError(incident: Incident, facts: IncidentFacts): SyncError {
  const { folder, lateAfterHours, storagePercent } = facts.settings;
  switch (incident) {
    case 'late':
      return new RetriableError(
        'EXPORT_LATE',
        `No export has come into the folder "${folder}" for more than ${lateAfterHours} hours; the last one was at ${facts.lastExportAt}.`,
        { hint: 'Check in Adobe Campaign whether the export workflow runs, and whether it reaches the SFTP storage.' },
      );
    case 'storage':
      return new RetriableError(
        'STORAGE_NEARLY_FULL',
        `The SFTP storage is ${facts.used ?? storagePercent} % full (limit: ${storagePercent} %).`,
        {
          hint: 'Delete old files. Campaign compresses files from 80 % on, and exports fail once it is full.',
        },
      );
    case 'unreachable':
      return new RetriableError(
        'SFTP_UNREACHABLE',
        `The exports can not be read. ${facts.cause?.message ?? ''}`.trim(),
        {
          hint: facts.cause?.hint ?? 'It is tried again by itself.',
        },
      );
    case 'refused':
      return new ConfigurationError(
        facts.cause?.code ?? 'SFTP_REFUSED',
        facts.cause?.message ?? 'The exports can not be read.',
        {
          hint: facts.cause?.hint,
        },
      );
    case 'too-many-files':
      return new ConfigurationError(
        'TOO_MANY_FILES_LEFT',
        `More than ${FINISHED_LIMIT} finished files lie in the folder "${folder}". No new file is processed, since an old one would have to be forgotten and would be read again.`,
        { hint: 'Remove old files, or let the trigger move or delete them afterwards.' },
      );
  }
}

/** What is said when it is over. */
export function allClearText(incident: Incident, facts: IncidentFacts): string {
  switch (incident) {
    case 'late':
      // Also when the setting was changed, and no export has come.
      return facts.settings.lateAfterHours === 0
        ? 'All clear: the time between exports is no longer watched.'
        : `All clear: the last export came at ${facts.lastExportAt}.`;
    case 'storage':
      return facts.used === undefined
        ? 'All clear: the room of the SFTP storage is no longer watched.'
        : `All clear: the SFTP storage is ${facts.used} % full.`;
    case 'unreachable':
    case 'refused':
      return 'All clear: the exports can be read again.';
    case 'too-many-files':
      return 'All clear: there is room for new files again.';
  }
}
