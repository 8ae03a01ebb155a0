import { ConfigurationError } from './errors';

/**
 * A record without the column's key (as opposed to one with null): the trigger does not read it. To treat that as empty
 * would clear the field of every profile, so the execution fails instead.
 */
export function columnNotRead(column: string, where: string): ConfigurationError {
  return new ConfigurationError(
    'COLUMN_NOT_READ',
    `${where}: the records that came in do not have the column "${column}".`,
    {
      hint: `Add "${column}" to Columns of the Dynamics 365 Trigger (or of the Dynamics 365 node), or take the line out.`,
    },
  );
}
