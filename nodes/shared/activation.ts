import type { WorkflowActivateMode } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { SyncError } from '../../lib/core/errors';

/** Refusals that only another setting of the node or its credential mends: nothing outside changes them. */
const WRONG_SETTINGS: ReadonlySet<string> = new Set([
  'SETTINGS_INVALID',
  'NO_COLUMNS',
  'UNKNOWN_COLUMN',
  'TABLE_UNKNOWN',
  'CHANGE_TRACKING_OFF',
  'REPLAY_TOO_LARGE',
  'CREDENTIAL_INCOMPLETE',
  'URL_INVALID',
  'URL_NOT_SECURE',
  'SFTP_CREDENTIAL',
  'SFTP_PRIVATE_KEY',
  'SFTP_NOT_FOUND',
  'HOST_KEY_FORMAT',
  'HOST_KEY_NOT_PINNED',
  'HOST_KEY_CHANGED',
  'SFTP_ALGORITHMS',
  'CHECKPOINT_UNREADABLE',
  'STATE_UNREADABLE',
]);

/**
 * True for what a person who publishes the workflow has to put right. Outages, limits, refused sign-ins and missing rights are none: they
 * pass, or are mended elsewhere, and the trigger waits for that.
 */
export function isWrongSetting(error: unknown): boolean {
  // n8n's own: a node without a credential, for example.
  if (error instanceof NodeOperationError || error instanceof NodeApiError) return true;
  return error instanceof SyncError && WRONG_SETTINGS.has(error.code);
}

/** True where somebody has just published the workflow and sees what n8n says; false when n8n starts by itself. */
export function isSomebodyLooking(mode: WorkflowActivateMode): boolean {
  return mode !== 'init' && mode !== 'leadershipChange';
}
