import { RejectedRecordError, RetriableError } from '../core/errors';
import type { RowResponse, RowSender } from './row-requests';
import { isConcurrencyOff, lookUpError, writeError } from './write-errors';

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
    if (isConcurrencyOff(response))
      return writeError({ ...response, status: 400 }, { purpose, table: this.table, sent });
    return (
      (await this.failing(response, purpose, signal)) ?? writeError(response, { purpose, table: this.table, sent })
    );
  }

  /** The same of a row's look-up. @param setName of the table */
  async toLookUpError(response: RowResponse, setName: string, purpose: string, signal: AbortSignal): Promise<Error> {
    const context = { purpose, table: this.table };
    return (await this.failing(response, purpose, signal)) ?? lookUpError(response, context, setName);
  }

  private async failing(
    { status }: RowResponse,
    purpose: string,
    signal: AbortSignal,
  ): Promise<RejectedRecordError | undefined> {
    if (status !== 500 || !(await this.serviceWorks(signal))) return undefined;
    return new RejectedRecordError(
      'FAILING_IN_DYNAMICS',
      `Dynamics 365 fails whenever it is to ${purpose}, and works otherwise (HTTP 500).`,
      { hint: 'A plug-in or flow of this table may fail for this row; its trace log in Dynamics 365 says why.' },
    );
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
