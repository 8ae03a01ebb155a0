/** Options that every call of a client takes. */
export interface CallOptions {
  /** Ends the call, its waiting and its repetitions; the call then throws a RetriableError with code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}
