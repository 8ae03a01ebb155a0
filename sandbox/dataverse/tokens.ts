import { mix32 } from '../seed/random';
import { badRequest, refuse } from './errors';

/** Paging cookies: opaque, self-contained, with a check sum so that an edited one is refused. */
export function writeSkipToken(state: Readonly<Record<string, number>>): string {
  const text = Object.entries(state)
    .map(([key, value]) => `${key}${value}`)
    .join('.');
  return Buffer.from(`${text}~${checkSum(text)}`).toString('base64url');
}

/** @throws Refusal (400) for a token that the sandbox did not write. */
export function readSkipToken(token: string): Readonly<Record<string, number>> {
  const [text = '', sum] = Buffer.from(token, 'base64url').toString('utf8').split('~');
  if (sum !== checkSum(text)) throw badRequest('Malformed XML in the skip token: the paging cookie can not be read.');
  return Object.fromEntries(text.split('.').map((part) => [part.charAt(0), Number(part.slice(1))]));
}

function checkSum(text: string): string {
  let sum = 7;
  for (let i = 0; i < text.length; i++) sum = mix32(sum ^ text.charCodeAt(i));
  return sum.toString(36);
}

/** A delta token as Dataverse writes it in a link: `919042%2108%2f22%2f2017%2008%3a10%3a44`. */
export function writeDeltaToken(version: number, atMs: number): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split(/[T.]/);
  const [year, month, day] = date.split('-');
  return `${version}%21${month}%2f${day}%2f${year}%20${time.replaceAll(':', '%3a')}`;
}

/** Reads a decoded token. @throws Refusal (400) when it is none. */
export function readDeltaToken(token: string): { version: number; atMs: number } {
  const parts = /^(\d+)!(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/.exec(token);
  if (!parts) throw refuse(400, '0x80040203', 'The delta token is invalid.');
  const [, version, month, day, year, time] = parts;
  return { version: Number(version), atMs: Date.parse(`${year}-${month}-${day}T${time}Z`) };
}
