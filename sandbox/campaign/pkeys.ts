/** PKeys as Campaign gives them: opaque, and another one in each reply for the same record. */
let nonce = 0x5eed;

export function writePKey(resource: string, slot: number): string {
  nonce = (Math.imul(nonce, 1_664_525) + 1_013_904_223) >>> 0;
  const bytes = Buffer.from(`....${slot}.${resource}`);
  bytes.writeUInt32LE(nonce, 0);
  for (let i = 4; i < bytes.length; i++) bytes[i] = (bytes[i] as number) ^ (bytes[i % 4] as number) ^ 0x5a;
  return `@${bytes.toString('base64url')}`;
}

/** The record behind a PKey; undefined for one that Campaign did not write. */
export function readPKey(pkey: string): { resource: string; slot: number } | undefined {
  if (!pkey.startsWith('@')) return undefined;
  const bytes = Buffer.from(pkey.slice(1), 'base64url');
  for (let i = 4; i < bytes.length; i++) bytes[i] = (bytes[i] as number) ^ (bytes[i % 4] as number) ^ 0x5a;
  const parts = /^(\d+)\.(\w+)$/.exec(bytes.subarray(4).toString('latin1'));
  return parts ? { resource: parts[2] as string, slot: Number(parts[1]) } : undefined;
}
