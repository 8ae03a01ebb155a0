/** A contact as it is now. */
export interface Contact {
  /** Values of the columns that were asked for; one that the contact lacks is missing or undefined. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Time of the contact's last change, as the system gave it. */
  readonly modifiedOn: unknown;
  /** Another one after every change: a write that names it is refused where the contact has changed. Null where none was given. */
  readonly version: string | null;
  /** Lower-case id of the contact that this one was merged into. */
  readonly mergedInto?: string;
}

/** A column's last change, as the audit log has it. */
export interface AttributeTime {
  /** ISO 8601. */
  readonly changedOn: string;
  readonly value: unknown;
}

/**
 * What the resolver reads of contacts. Both calls throw the SyncErrors of the system behind them; none of those concerns one contact
 * alone.
 */
export interface ContactSource {
  /**
   * @param ids lower-case GUIDs
   * @returns contacts by their lower-case id; one that does not exist, or is hidden from the user, is missing
   */
  contactsById(
    ids: readonly string[],
    columns: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, Contact>>;
  /** When columns of a contact were changed last, by column. A column whose change was not recorded is missing. */
  attributeTimes(
    id: string,
    columns: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Readonly<Record<string, AttributeTime>>>;
}

/** A profile's flags and times, by field name. */
export type ProfileValues = Readonly<Record<string, unknown>>;

/** What the resolver reads of profiles. */
export interface ProfileSource {
  /**
   * The profile with exactly this external ID, or null.
   *
   * @throws RejectedRecordError where no single profile can be told to be this person's
   * @throws the other SyncErrors of the system behind it, for faults that concern everybody
   */
  profileByKey(key: string, signal: AbortSignal | undefined): Promise<ProfileValues | null>;
  /**
   * The profile whose external ID is the same GUID in another form (upper case, braces, blanks), with the ID as it has it; null where
   * there is none. Throws as `profileByKey` does.
   */
  profileInOtherForm(
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly key: string; readonly values: ProfileValues } | null>;
}
