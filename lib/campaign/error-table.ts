import type { ErrorMeaning, ErrorRow, ErrorTable } from '../core/error-table';
import { sentence } from '../core/errors';
import { isGatewayStatus } from '../http/retry';

/** What the table looks at: a response of Campaign or of the gateway before it, and what was asked for. */
export interface CampaignFailure {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** What was done: `update a record of "profile"`. */
  readonly purpose: string;
  /** One record is concerned, not the whole service. */
  readonly record: boolean;
  /** Doing it twice is not as good as once (POST). */
  readonly once: boolean;
  /** `error_code` of Adobe's gateway, as in 403023. */
  readonly gatewayCode: string | undefined;
  /** The gateway's "Oops": for now, or for good when the tenant is wrong. */
  readonly oops: boolean;
  /** The PKey in the link was not understood. */
  readonly pKeyRefused: boolean;
  /** A deadlock, a timeout, a lost connection of Campaign's database. */
  readonly databaseFault: boolean;
  /** What Campaign said, without the values that were sent. It may hold others: never a part of a message. */
  readonly text: string;
  /** What Campaign said, without values, to stand at a message's end; empty where nothing is left. */
  said(): string;
  /** The field concerned by its dotted name, where the text names one. `named`: what the row's pattern found. */
  fieldOf(named: string | undefined): string | undefined;
}

type Row = ErrorRow<CampaignFailure>;

/** The service is away: the gateway says so, or a plain 500 came where no single record can be at fault. */
const isAway = ({ status, oops, record, gatewayCode }: CampaignFailure) =>
  isGatewayStatus(status) || status === 408 || oops || (status >= 500 && !record && gatewayCode === undefined);

const TENANT_REFUSED: ErrorMeaning<CampaignFailure> = {
  consequence: 'configuration',
  code: 'TENANT_REFUSED',
  message: ({ purpose, status }) => `Adobe's gateway knows no address to ${purpose} (HTTP ${status}).`,
  hint: 'Check the tenant and the API URL of the credential. A staging instance has "-mkt-stage" at the end of its tenant.',
};

/** After a write of which nobody knows whether it was done. */
export const WRITE_UNCERTAIN_HINT =
  'Wait, as for an outage: before the next write the record is looked up, so that nothing is created twice.';

/** Campaign refused for a reason of its own, which is passed on. */
const refusedByCampaign = ({ purpose, status, said }: CampaignFailure) =>
  sentence(`Adobe Campaign refused to ${purpose} (HTTP ${status})${said()}`);

/** The database undid what it had begun, or never got it; where that is not certain the record is looked up anyway. */
const DATABASE_BUSY: Row = {
  when: ({ databaseFault }) => databaseFault,
  consequence: 'retriable',
  code: 'DATABASE_BUSY',
  message: ({ purpose, status, said }) =>
    sentence(`Adobe Campaign's database could not ${purpose} for now (HTTP ${status})${said()}`),
  hint: "Deadlocks and timeouts pass by themselves. If they are many, lower the credential's requests in flight.",
};

/** What no single record can be at fault for: the address, the sign-in, rights, limits, the service itself. */
const OF_THE_SERVICE: readonly Row[] = [
  {
    when: ({ status }) => status < 400,
    consequence: 'configuration',
    code: 'NOT_CAMPAIGN',
    message: ({ purpose, status }) => `A redirect came back when trying to ${purpose} (HTTP ${status}).`,
    hint: 'Check the API URL of the credential, and proxies in between.',
  },
  {
    when: ({ status }) => status === 401,
    consequence: 'configuration',
    code: 'SIGN_IN_REFUSED',
    message: ({ purpose }) => `Adobe Campaign refused the sign-in to ${purpose} (HTTP 401).`,
    hint: 'Check client ID, client secret and scopes of the credential, and that the Adobe Developer Console project has the Campaign API.',
  },
  {
    when: ({ status }) => status === 403,
    consequence: 'configuration',
    code: 'ACCESS_REFUSED',
    message: ({ purpose, gatewayCode }) =>
      `Adobe's gateway does not allow this client to ${purpose} (HTTP 403${gatewayCode ? `, ${gatewayCode}` : ''}).`,
    hint: "Check the client ID (it is the API key too), the tenant, and that the project's product profile gives access to this Campaign instance.",
  },
  {
    when: ({ status }) => status === 429,
    consequence: 'retriable',
    code: 'RATE_LIMITED',
    message: ({ purpose }) => `Adobe Campaign limits the requests for now (${purpose}).`,
    hint: "Lower the credential's requests in flight or per second.",
    details: ({ retryAfterMs }) => ({ retryAfterMs }),
  },
  { when: ({ oops, status }) => oops && status < 500, ...TENANT_REFUSED },
  DATABASE_BUSY,
  {
    when: (failure) => isAway(failure) && failure.once,
    consequence: 'retriable',
    code: 'WRITE_UNCERTAIN',
    message: ({ purpose, status }) =>
      `Adobe's gateway failed to ${purpose} (HTTP ${status}); it is not known whether it was done.`,
    hint: WRITE_UNCERTAIN_HINT,
  },
  {
    when: isAway,
    consequence: 'retriable',
    code: 'CAMPAIGN_UNAVAILABLE',
    message: ({ purpose, status }) => `Adobe Campaign could not ${purpose} for now (HTTP ${status}).`,
    hint: 'If this never worked: check the tenant of the credential, a wrong one is answered like this too.',
    details: ({ retryAfterMs }) => ({ retryAfterMs }),
  },
  { when: ({ gatewayCode }) => gatewayCode !== undefined, ...TENANT_REFUSED },
];

interface Refusal {
  readonly code: string;
  /** Its first group that matched names the field, of which the part after the last colon counts. */
  readonly pattern: RegExp;
  readonly message: (field: string | undefined, purpose: string) => string;
  readonly hint: string;
}

const orAField = (field: string | undefined) => (field ? `"${field}"` : 'a field');

/**
 * Campaign's permanent refusals of one record, by their texts: it answers most of them with 500
 * (docs/facts/campaign.md, "Errors").
 */
const REFUSALS: readonly Refusal[] = [
  {
    code: 'DUPLICATE_KEY',
    pattern: /already exists|duplicate key/i,
    message: (_field, purpose) =>
      `Adobe Campaign refused to ${purpose}: another record has the same value in a field that must be unique.`,
    hint: 'Find that record in Adobe Campaign and correct one of the two.',
  },
  {
    code: 'KEY_NOT_CHANGEABLE',
    pattern: /cannot update key/i,
    message: (_field, purpose) =>
      `Adobe Campaign refused to ${purpose}: it does not let the key of a record be changed.`,
    hint: "Take the field that is Campaign's key out of the mapping.",
  },
  {
    code: 'UNKNOWN_ENUMERATION_VALUE',
    pattern: /is not valid for the '([\w:]+)' enumeration/i,
    message: (field) => `The value of "${field}" is no entry of its enumeration in Adobe Campaign.`,
    hint: 'Say with a Replace Values node which entry stands for it, or add the entry in Adobe Campaign.',
  },
  {
    code: 'READ_ONLY_FIELD',
    pattern: /cannot update the '([\w.-]+)' property that is read-only|'([\w.-]+)' is read-only/i,
    message: (field) => `The field "${field}" is read-only in Adobe Campaign.`,
    hint: 'Take the field out of the mapping.',
  },
  {
    code: 'INVALID_EMAIL',
    pattern: /not a valid e-?mail|e-?mail address is (?:not valid|invalid)/i,
    message: (field) => `The value of ${orAField(field)} is no e-mail address for Adobe Campaign.`,
    hint: 'Correct the address in Dynamics 365.',
  },
  {
    code: 'OUT_OF_RANGE',
    pattern: /out of range|overflow/i,
    message: (field) => `The value of ${orAField(field)} is out of the range that Adobe Campaign takes.`,
    hint: 'Correct the value in Dynamics 365.',
  },
  {
    code: 'INVALID_VALUE',
    pattern: /unable to convert value .* of field '([\w.-]+)'|unable to convert/i,
    message: (field) => `The value of ${orAField(field)} does not fit its type in Adobe Campaign.`,
    hint: 'Correct the value, or choose a field of another type in the mapping.',
  },
  {
    code: 'TOO_LONG',
    pattern: /too long|exceeds the (?:maximum )?(?:length|size)|maximum length/i,
    message: (field) => `The value of ${orAField(field)} is too long for Adobe Campaign.`,
    hint: 'Shorten the text in Dynamics 365, make the field longer in Adobe Campaign, or let the Field Mapper cut long texts (Options).',
  },
  {
    code: 'MANDATORY_FIELD_MISSING',
    pattern:
      /'([\w.-]+)' field of the '[\w.-]+' resource is mandatory|mandatory|must (?:be filled|not be empty)|cannot be empty|is required/i,
    message: (field) => `Adobe Campaign needs a value in ${orAField(field)} that is empty.`,
    hint: 'Map a value to the field, or fill it in Dynamics 365.',
  },
  {
    code: 'UNKNOWN_FIELD',
    pattern: /'([\w.-]+)' property is not valid for the '[\w.-]+' resource/i,
    message: (field, purpose) => `Adobe Campaign refused to ${purpose}: the resource has no field "${field}".`,
    hint: 'Choose the field again in the Field Mapper: it may have been removed a moment ago.',
  },
];

function refusalRow({ code, pattern, message, hint }: Refusal): Row {
  return {
    when: ({ record, text }) => record && pattern.exec(text),
    consequence: 'rejected',
    code,
    message: ({ fieldOf, purpose }, named) => message(fieldOf(named), purpose),
    hint,
    details: ({ fieldOf }, named) => ({ field: fieldOf(named) }),
  };
}

/** What a response of 400 and above, or a redirect, means. */
export const CAMPAIGN_ERRORS: ErrorTable<CampaignFailure> = {
  rows: [
    ...OF_THE_SERVICE,
    ...REFUSALS.map(refusalRow),
    {
      when: ({ record, pKeyRefused }) => record && pKeyRefused,
      consequence: 'rejected',
      code: 'LINK_REFUSED',
      message: ({ purpose }) =>
        `Adobe Campaign refused to ${purpose}: it did not understand its own link to the record.`,
      hint: 'Retry the record: it is then looked up anew.',
    },
    {
      when: ({ record }) => record,
      consequence: 'rejected',
      code: 'REFUSED_BY_CAMPAIGN',
      message: refusedByCampaign,
      hint: "Correct the record by the reason that Adobe Campaign gives. Where it gives none, look into Campaign's log.",
      details: ({ fieldOf }) => ({ field: fieldOf(undefined) }),
    },
  ],
  otherwise: {
    consequence: 'configuration',
    code: 'REFUSED_BY_CAMPAIGN',
    message: refusedByCampaign,
    hint: "Check the resource and the filter in the node, and look into Campaign's log for the reason.",
  },
};
