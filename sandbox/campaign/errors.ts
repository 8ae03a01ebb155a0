import { json, Refusal, type Reply } from '../http/service';
import type { Settings } from '../settings';

const OOPS = 'Oops. Something went wrong. Check your URI and try again.';
const CONTACT = 'An error has occurred - please contact your administrator.';

/** What Adobe's gateway answers before a request reaches Campaign. */
export const gateway = {
  tokenMissing: (): Refusal => new Refusal(json(401, { error_code: '401010', message: 'Oauth token is missing' })),
  tokenInvalid: (): Refusal => new Refusal(json(401, { error_code: '401013', message: 'Oauth token is not valid' })),
  keyMissing: (): Refusal => new Refusal(json(403, { error_code: '403000', message: 'Api Key is required' })),
  keyInvalid: (): Refusal => new Refusal(json(403, { error_code: '403003', message: 'Api Key is invalid' })),
  noProfile: (): Refusal => new Refusal(json(403, { error_code: '403023', message: 'Profile is not valid' })),
  oops: (status: number): Refusal => new Refusal(json(status, { code: status === 502 ? 502 : 500, message: OOPS })),
  tooMany: (): Refusal =>
    new Refusal(json(429, { error_code: '429050', message: 'Too many requests' }, { 'Retry-After': '1' })),
};

/** The body of a fault of the infrastructure. */
export function gatewayBody(status: number): string {
  return status === 429
    ? JSON.stringify({ error_code: '429050', message: 'Too many requests' })
    : JSON.stringify({ code: status === 502 ? 502 : 500, message: OOPS });
}

/** Refusals of Campaign itself: permanent ones come as 500, and v8 does not say why. */
export class ApplicationErrors {
  constructor(private readonly settings: Settings) {}

  private permanent(text: string): Refusal {
    return new Refusal(
      this.settings.campaign.product === 'v8'
        ? json(500, { error_code: '500', message: CONTACT })
        : json(500, { error_code: '500', message: text }),
    );
  }

  private refuse(text: string): Refusal {
    return this.permanent(`RST-360011 ${CONTACT} ${text}`);
  }

  invalidPKey(pkey: string): Refusal {
    if (this.settings.campaign.product === 'v8') {
      return new Refusal(json(404, { error_code: '404', message: `Unable to decrypt PKey. (PKey=${pkey})` }));
    }
    return this.refuse(`XTK-170036 Unable to parse expression '@id = ${pkey}'.`);
  }

  notFound(schema: string, key: string): Refusal {
    const name = schema === 'nms:recipient' ? 'Profile' : schema;
    return new Refusal(
      json(404, {
        error_code: '404',
        message: `RST-360011 ${CONTACT} Unable to find document with path '${name}' from key '${key}' (type ${schema}).`,
      }),
    );
  }

  keyChanged(resource: string, from: string, to: string): Refusal {
    return this.refuse(
      `RST-360012 Inconsistent operation on resource '${resource}' – Cannot update key '${from}' to '${to}'.`,
    );
  }

  duplicate(resource: string, name: string, value: string): Refusal {
    return this.refuse(
      `RST-360018 A record with the '${name}' key '${value}' already exists. PGS-220000 PostgreSQL error: ERROR:  duplicate key value violates unique constraint "${resource.toLowerCase()}_${name.toLowerCase()}" DETAIL:  Key (s${name.toLowerCase()})=(${value}) already exists.`,
    );
  }

  tooLong(length: number): Refusal {
    return this.refuse(`PGS-220000 PostgreSQL error: ERROR:  value too long for type character varying(${length})`);
  }

  outOfRange(kind: string): Refusal {
    return this.refuse(`PGS-220000 PostgreSQL error: ERROR:  ${kind} out of range`);
  }

  badEnumeration(schema: string, name: string, value: string): Refusal {
    return this.refuse(
      `XTK-170111 The value '${value}' is not valid for the '${schema}:${name}' enumeration of the '@${name}' field.`,
    );
  }

  badValue(name: string, kind: string, value: unknown): Refusal {
    return this.refuse(`XTK-170006 Unable to convert value '${String(value)}' of field '${name}' to type '${kind}'.`);
  }

  badEmail(value: string): Refusal {
    return this.refuse(`XTK-170125 The value '${value}' is not a valid email address (data policy 'email').`);
  }

  readOnly(name: string, resource: string): Refusal {
    return this.permanent(
      `Cannot update the '${name}' property that is read-only '${name}' property is not valid for the '${resource}' resource.`,
    );
  }

  unknownField(name: string, resource: string): Refusal {
    return this.refuse(`RST-360001 '${name}' property is not valid for the '${resource}' resource.`);
  }

  badOrder(order: string): Refusal {
    return this.refuse(`XTK-170036 Unable to parse expression '${order}'.`);
  }

  mandatory(name: string, resource: string): Refusal {
    return this.refuse(`XTK-170032 The '${name}' field of the '${resource}' resource is mandatory.`);
  }

  rule(text: string): Refusal {
    return this.refuse(`SCR-160012 JavaScript: error while evaluating script 'beforeSave'. ${text}`);
  }

  parameterMissing(name: string): Refusal {
    return this.refuse(`RST-360020 The parameter '${name}' of the filter is missing.`);
  }

  noParent(resource: string): Refusal {
    return this.refuse(`RST-360016 Unable to save a document of type '${resource}': its linked record was not found.`);
  }

  badJson(): Refusal {
    return this.refuse('RST-360003 The body is not valid JSON.');
  }
}

export const noRoute = (): Reply =>
  json(404, { error_code: '404', message: 'RST-360000 The requested resource does not exist.' });
