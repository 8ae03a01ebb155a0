import type { CampaignClient } from '../../lib/campaign/client';
import type { Clock } from '../../lib/core/clock';
import type { DataverseClient } from '../../lib/dataverse/client';
import { systemDependencies, type ClientDependencies } from '../../lib/http/dependencies';
import type { ExportServer } from '../../lib/sftp/export-server';
import { openSftp, type SftpOptions } from '../../lib/sftp/sftp-connection';
import type { SftpSettings } from '../../lib/sftp/sftp-settings';
import { DeliveryRegistry } from '../../lib/sync/delivery/deliveries';
import { KeyLocks } from '../../lib/sync/delivery/key-locks';
import { ClientCache } from './client-cache';
import { ProgressBoard } from './trigger-progress';

/** What a process has around it. */
export interface Surroundings {
  /** Time, chance, and how requests travel. */
  readonly clients: ClientDependencies;
  readonly openSftp: (settings: SftpSettings, options: SftpOptions) => Promise<ExportServer>;
  /** n8n runs executions in worker processes. */
  readonly queueMode: boolean;
}

const REAL: Surroundings = {
  clients: systemDependencies,
  openSftp,
  get queueMode() {
    return process.env['EXECUTIONS_MODE'] === 'queue';
  },
};

/**
 * What all nodes of all executions in one process of n8n share, and what ends with it. There is one of these, unless a simulation plays
 * several processes in one.
 */
export class ProcessWide {
  /** On keys of records. */
  readonly locks = new KeyLocks();
  readonly deliveries = new DeliveryRegistry();
  /** The loops of triggers, by trigger. */
  readonly running = new Map<string, AbortController>();
  /**
   * Runs that are under way, by trigger: after a trigger was stopped and started again (a new publish), its next delivery waits for the run
   * of the last one.
   */
  readonly runsUnderWay = new Map<string, Promise<unknown>>();
  readonly progress = new ProgressBoard();
  readonly dataverseClients = new ClientCache<DataverseClient>();
  readonly campaignClients = new ClientCache<CampaignClient>();

  constructor(readonly surroundings: Surroundings = REAL) {}

  get clock(): Clock {
    return this.surroundings.clients.clock;
  }
}

let current = new ProcessWide();

/** Of the process that runs now. */
export function processWide(): ProcessWide {
  return current;
}

/** For simulations: what runs from now on, until the next call, belongs to this process. */
export function enterProcess(entered: ProcessWide): void {
  current = entered;
}
