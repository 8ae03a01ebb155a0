/** Codes that Campaign and its databases put before what the database said. */
const DATABASE_CODE = /\b(?:PGS|ORA|MSQ|ODB|WDB|MYS|DB2|SQL|TSQL|SAP|TDT|SNF)-\d{5,6}\b/;

/** Oracle's own numbers for deadlocks, timeouts, lost connections, and an instance that starts or stops. */
const ORACLE =
  /\bORA-0*(?:18|20|54|60|1012|1013|1033|1034|1089|1090|1092|1555|2049|3113|3114|3135|4021|4068|8177|12170|12514|12516|12519|12520|12528|12537|12541|12547|12571|25408|30006)\b/;

/** What PostgreSQL, SQL Server, MySQL and DB2 say of the same. */
const PASSING = [
  /dead ?lock/i,
  /could not serialize access/i,
  /could not obtain lock/i,
  /lock (?:request |wait )?time[- ]?out/i,
  /time[- ]?out (?:expired|period elapsed)|timed out/i,
  /canceling statement due to/i,
  /query (?:was )?cancell?ed/i,
  /terminating connection/i,
  /connection (?:\w+ ){0,4}(?:lost|closed|reset|refused|terminated|broken|aborted|failed|unexpectedly)/i,
  /could not connect to server|unable to connect|communication link failure|server has gone away/i,
  /server closed the connection/i,
  /too many (?:connections|clients)|remaining connection slots/i,
  /database system is (?:starting up|shutting down|in recovery)|in recovery mode/i,
  /snapshot too old/i,
  /\bSQL0911N\b|\bSQL0913N\b/,
];

/**
 * Whether a text of Campaign tells of a fault of its database that passes by itself: a deadlock, a timeout, a lost
 * connection. They come with status 500 and the codes of permanent refusals (docs/facts/campaign.md, "Errors").
 *
 * @param text without the values that were sent, and cut to a length
 */
export function isPassingDatabaseFault(text: string): boolean {
  if (ORACLE.test(text)) return true;
  return DATABASE_CODE.test(text) && PASSING.some((pattern) => pattern.test(text));
}
