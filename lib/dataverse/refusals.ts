import { RejectedRecordError, RetriableError } from '../core/errors';
import type { RowResponse, RowSender } from './row-requests';
import { writeError } from './write-errors';

/** Tells whose fault a refused write is: the row's, or the whole service's. */
export class Refusals {
  private probing: Promise<boolean> | undefined;

  constructor(
    private readonly sender: RowSender,
    /** Logical name. */
    private readonly table: string,
  ) {}

  /** The refusal as an error; an unexplained 500 is the row's fault when Dynamics 365 answers otherwise. */
  async toError(response: RowResponse, sent: object, purpose: string, signal: AbortSignal): Promise<Error> {
    if (response.status === 500 && (await this.serviceWorks(signal))) {
      return new RejectedRecordError(
        'FAILING_IN_DYNAMICS',
        `Dynamics 365 fails whenever it is to ${purpose}, and works otherwise (HTTP 500).`,
        { hint: 'A plug-in or flow of this table may fail for this row; its trace log in Dynamics 365 says why.' },
      );
    }
    return writeError(response, { purpose, table: this.table, sent });
  }

  /** Asked once for all rows that fail at the same time. */
  private serviceWorks(signal: AbortSignal): Promise<boolean> {
    this.probing ??= this.sender
      .send({ method: 'GET', path: 'WhoAmI', purpose: 'ask whether Dynamics 365 works', signal })
      .then(
        ({ status }) => status < 300,
        (error: unknown) => {
          if (error instanceof RetriableError) return false;
          throw error;
        },
      )
      .finally(() => {
        this.probing = undefined;
      });
    return this.probing;
  }
}
