import { json, Refusal } from '../http/service';

/** A refusal in Dataverse's shape. `code`: hex with `0x`, or empty. */
export function refuse(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return new Refusal(json(status, { error: { code, message } }, { 'OData-Version': '4.0', ...headers }));
}

export const noProperty = (name: string, type: string): Refusal =>
  refuse(400, '0x80060888', `Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${type}'.`);

export const noRow = (table: string, id: string): Refusal =>
  refuse(404, '0x80040217', `${table} With Id = ${id} Does Not Exist`);

export const badRequest = (message: string): Refusal => refuse(400, '0x80060888', message);

export const noSegment = (segment: string): Refusal =>
  refuse(404, '0x8006088a', `Resource not found for the segment '${segment}'.`);

export const noPrivilege = (table: string, right: string): Refusal =>
  refuse(
    403,
    '0x80040220',
    `Principal user (Id=0a1b2c3d-0000-4000-8000-000000000001, type=8) is missing prv${right}${table} privilege on OTC=0 for entity '${table}'.`,
  );
