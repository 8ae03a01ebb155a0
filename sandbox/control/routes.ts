import { z, ZodError } from 'zod';
import { json, parseQuery, type Incoming, type Reply, type Service } from '../http/service';
import { deliverSchema } from '../exports/campaign-logs';
import { exportSchema, type ExportJob } from '../exports/export-job';
import { faultSchema } from '../http/faults';
import { changeSettings } from '../settings';
import { setFaults, sftpFaultsSchema, type SftpFaults } from '../sftp/sftp-faults';
import { change, changeSchema } from './change';
import { dump } from './dump';
import { changeSchema as applySchemaChange, schemaChangeSchema } from './schema-change';
import { timelineText } from './timeline';
import type { World } from './world';

const seedSchema = z
  .object({
    table: z.string(),
    count: z.number().int().min(0),
    seed: z.number().int().default(42),
    /** `50`, or `1/50`. */
    bad: z
      .union([
        z.number().int().min(1),
        z
          .string()
          .regex(/^1\/\d+$/)
          .transform((text) => Number(text.slice(2))),
      ])
      .optional(),
    profilesFrom: z.literal('contact').optional(),
  })
  .strict();

/** What tests, demo and benchmarks steer the sandbox with. The product does not know it. */
export function controlService(
  world: World,
  connection: () => { readonly controlUrl: string },
  reset: () => void,
  now: () => number,
  exportJob?: ExportJob,
  sftpFaults?: SftpFaults,
): Service {
  const routes: Record<string, (incoming: Incoming) => unknown> = {
    'GET /': connection,
    'POST /seed': (incoming) => world.seed(seedSchema.parse(body(incoming))),
    'POST /change': (incoming) => change(world, changeSchema.parse(body(incoming))),
    'POST /deliver': (incoming) => world.logs.deliver(deliverSchema.parse(body(incoming))),
    'POST /bounce-late': () => ({ bounced: world.logs.bounceLate() }),
    'GET /logs': () => ({ delivery: world.logs.delivery, tracking: world.logs.tracking }),
    'POST /export': (incoming) => {
      if (!exportJob) throw new Error('The sandbox was started without its SFTP storage.');
      return exportJob.run(exportSchema.parse(body(incoming)));
    },
    'POST /sftp': (incoming) => {
      if (!sftpFaults) throw new Error('The sandbox was started without its own SFTP storage.');
      return setFaults(sftpFaults, sftpFaultsSchema.parse(body(incoming)));
    },
    'GET /faults': () => world.faults.list(),
    'POST /faults': (incoming) => {
      const given = body(incoming);
      for (const fault of z.array(faultSchema).parse(Array.isArray(given) ? given : [given])) world.faults.add(fault);
      return world.faults.list();
    },
    'DELETE /faults': () => {
      world.faults.clear();
      return [];
    },
    'POST /reset': () => {
      reset();
      return {};
    },
    'GET /stats': () => stats(world),
    'POST /stats/reset': () => {
      world.statistics.reset();
      return stats(world);
    },
    'GET /settings': () => world.settings,
    'POST /settings': (incoming) => {
      const { schema, expireDeltaTokens, ...settings } = settingsOrder.parse(body(incoming));
      changeSettings(world.settings, settings);
      for (const order of schema) applySchemaChange(world, order, now());
      if (expireDeltaTokens) world.organization.expiredUpTo = world.organization.clock.current;
      return world.settings;
    },
  };
  return {
    system: 'control',
    kind: () => 'control',
    faultBody: () => '',
    handle(incoming): Reply {
      const path = incoming.path.replace(/^\/_control/, '').replace(/(.)\/$/, '$1') || '/';
      try {
        if (incoming.method === 'GET' && path === '/dump') return dumpReply(world, incoming);
        if (incoming.method === 'GET' && path === '/timeline') {
          const contact = parseQuery(incoming.query).get('contact');
          return plainText(timelineText(world, contact, connection().controlUrl));
        }
        const route = routes[`${incoming.method} ${path}`];
        if (!route) return json(404, { error: `There is no ${incoming.method} ${path}. See sandbox/README.md.` });
        return json(200, route(incoming) ?? {});
      } catch (error) {
        if (error instanceof ZodError) return json(400, { error: error.issues });
        return json(400, { error: (error as Error).message });
      }
    },
  };
}

const settingsOrder = z
  .object({ schema: z.array(schemaChangeSchema).default([]), expireDeltaTokens: z.boolean().default(false) })
  .passthrough();

function body(incoming: Incoming): unknown {
  return incoming.body.trim() === '' ? {} : JSON.parse(incoming.body);
}

function stats(world: World): unknown {
  return {
    ...world.statistics.snapshot(),
    rows: {
      dataverse: Object.fromEntries(world.organization.all().map((table) => [table.definition.name, table.count])),
      campaign: Object.fromEntries(world.instance.all().map((each) => [each.definition.name, each.count])),
    },
    memoryMb: Math.round(process.memoryUsage.rss() / 1_048_576),
  };
}

function plainText(body: string): Reply {
  return { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body };
}

/** `?system=dataverse&table=contact`, one row with `&key=`, NDJSON with `&format=ndjson`, otherwise one JSON array. */
function dumpReply(world: World, incoming: Incoming): Reply {
  const query = parseQuery(incoming.query);
  const ndjson = query.get('format') === 'ndjson';
  return {
    status: 200,
    headers: { 'Content-Type': ndjson ? 'application/x-ndjson; charset=utf-8' : 'application/json; charset=utf-8' },
    stream: dump(
      world,
      query.get('system') ?? 'dataverse',
      query.get('table') ?? 'contact',
      ndjson,
      query.get('key')?.toLowerCase(),
    ),
  };
}
