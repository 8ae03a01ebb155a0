import { Agent, request } from 'node:http';
import type { Pair } from '../sandbox/oracles/contacts';
import type { Systems, Writing } from './systems';

export interface BareResult extends Writing {
  readonly cpuMsPerRecord: number;
}

const GENDERS: Readonly<Record<string, string>> = { 1: 'male', 2: 'female' };

/**
 * The same records, look-up and create each, with node:http and nothing else: no checks, no repetition, no metadata, no order. What
 * the systems and the machine give at most with so many calls in flight.
 */
export async function runBareClient(systems: Systems, pairs: readonly Pair[], inFlight: number): Promise<BareResult> {
  const rows = await systems.contacts();
  await systems.reset();
  const { adobeCampaign } = systems.connection;
  const headers = {
    Authorization: `Bearer ${await signIn(adobeCampaign)}`,
    'X-Api-Key': adobeCampaign.clientId,
    'Content-Type': 'application/json;charset=utf-8',
  };
  const { hostname, port } = new URL(adobeCampaign.apiUrl);
  const path = `/${adobeCampaign.tenant}/campaign/profileAndServicesExt/profile`;
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight, scheduling: 'lifo' });
  const send = (method: string, url: string, body?: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
      const call = request(
        { hostname, port, path: url, method, headers: { ...headers, ...length }, agent },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('end', () => {
            JSON.parse(text || '{}');
            resolve(response.statusCode ?? 0);
          });
          response.on('error', reject);
        },
      );
      call.on('error', reject);
      call.end(body);
    });

  let next = 0;
  const lane = async (): Promise<void> => {
    for (let row = rows[next++]; row; row = rows[next++]) {
      const found = await send('GET', `${path}/${String(row['contactid'])}`);
      const created = found === 404 ? await send('POST', path, JSON.stringify(profileOf(row, pairs))) : found;
      if (created !== 201) throw new Error(`Campaign answered ${created} where 201 was expected.`);
    }
  };
  const cpuStart = process.cpuUsage();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const cpu = process.cpuUsage(cpuStart);
  agent.destroy();
  return { ...(await systems.written(rows.length)), cpuMsPerRecord: (cpu.user + cpu.system) / 1000 / rows.length };
}

/** An access token, straight from the emulated sign-in. */
export async function signIn({
  imsUrl,
  clientId,
  clientSecret,
  scopes,
}: Systems['connection']['adobeCampaign']): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: scopes,
  });
  const response = await fetch(`${imsUrl}/ims/token/v3`, { method: 'POST', body });
  return ((await response.json()) as { access_token: string }).access_token;
}

function profileOf(row: Readonly<Record<string, unknown>>, pairs: readonly Pair[]): Record<string, unknown> {
  const profile: Record<string, unknown> = { externalId: row['contactid'] };
  for (const { column, field } of pairs) {
    const value = row[column];
    if (value === null || value === undefined) continue;
    const [first = '', second] = field.split('.');
    const sent = column === 'gendercode' ? GENDERS[String(value)] : value;
    if (second === undefined) profile[first] = sent;
    else profile[first] = { ...(profile[first] as object | undefined), [second]: sent };
  }
  return profile;
}
