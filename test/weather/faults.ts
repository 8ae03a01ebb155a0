import type { FaultInput } from '../../sandbox/http/faults';
import type { Random } from '../../sandbox/seed/random';
import type { SftpFaults } from '../../sandbox/sftp/sftp-faults';

/** One fault as it is drawn. `kind`: its name in the report. */
export interface DrawnFault {
  readonly kind: string;
  readonly fault: FaultInput;
}

/** What goes wrong at the systems' own doors; a share of the requests, or so many of them. */
type Maker = (random: Random) => FaultInput;

const SYSTEMS = ['campaign', 'dataverse'] as const;
/** Refusals that look as if they were for good: each is a record's own, and passes when it is tried again. */
const FOR_GOOD = {
  error_code: 'RST-360011',
  message:
    'RST-360011 An error has occurred - please contact your administrator. ' +
    'PGS-220000 PostgreSQL error: ERROR:  value too long for type character varying(30)',
};

const MAKERS: Readonly<Record<string, Maker>> = {
  '429 with Retry-After': (random) => ({
    target: random.pick(SYSTEMS),
    kind: 'rate-limit',
    retryAfter: random.int(1, 2),
    rate: 0.03,
  }),
  'passing 500': (random) => ({ target: random.pick(SYSTEMS), kind: 'status', status: 500, times: random.int(1, 4) }),
  'busy database': () => ({ target: 'campaign', kind: 'database-busy', rate: 0.05 }),
  '500 that looks permanent': (random) => ({
    target: 'campaign',
    match: { method: random.pick(['PATCH', 'POST', 'DELETE']), path: '/profile' },
    kind: 'status',
    status: 500,
    body: FOR_GOOD,
    times: random.int(1, 3),
  }),
  '503 of the gateway': (random) => ({ target: random.pick(SYSTEMS), kind: 'status', status: 503, rate: 0.03 }),
  'page of a proxy': (random) => ({ target: random.pick(SYSTEMS), kind: 'proxy', times: random.int(1, 3) }),
  'cut before the write': (random) => ({ target: random.pick(SYSTEMS), kind: 'drop', rate: 0.03 }),
  'cut after the write': (random) => ({ target: random.pick(SYSTEMS), kind: 'drop-after', rate: 0.03 }),
  'slow response': (random) => ({
    target: random.pick(SYSTEMS),
    kind: 'delay',
    delayMs: random.int(500, 4000),
    rate: 0.03,
  }),
  'slow write': (random) => ({
    target: random.pick(SYSTEMS),
    match: { method: random.pick(['PATCH', 'POST']) },
    kind: 'delay',
    delayMs: random.int(500, 3000),
    rate: 0.2,
  }),
  'half-open connection': (random) => ({
    target: random.pick(['campaign', 'dataverse', 'entra', 'ims'] as const),
    kind: 'hang',
    skip: random.int(0, 80),
    times: random.int(1, 2),
  }),
  'expired sign-in': (random) => ({
    target: random.pick(SYSTEMS),
    kind: 'expired-token',
    skip: random.int(0, 10),
    times: random.int(1, 3),
  }),
  'sign-in refused': (random) => ({
    target: random.pick(['entra', 'ims'] as const),
    kind: 'status',
    status: random.pick([400, 401, 500]),
    times: random.int(1, 3),
  }),
  outage: (random) => ({
    target: random.pick(['campaign', 'dataverse', 'entra', 'ims'] as const),
    kind: 'drop',
    times: random.int(8, 30),
  }),
};

/** Two to four faults of the systems. */
export function drawFaults(random: Random): DrawnFault[] {
  const left = Object.keys(MAKERS);
  return Array.from({ length: random.int(2, 4) }, () => {
    const [kind = ''] = left.splice(random.int(0, left.length - 1), 1);
    return { kind, fault: { ...(MAKERS[kind] as Maker)(random), seed: random.int(1, 1_000_000) } };
  });
}

const STEPS = ['login', 'OPEN', 'READ', 'READDIR', 'STAT', 'RENAME', 'CLOSE'] as const;

/** What the storage of exports does wrong; `cut`: its connections are cut once. */
export interface DrawnStorageFault {
  readonly kind: string;
  readonly faults: SftpFaults;
  readonly cut?: boolean;
}

/** Undefined: all is well there, as it is half of the time. */
export function drawStorageFault(random: Random): DrawnStorageFault | undefined {
  if (random.chance(0.5)) return undefined;
  return random.pick<DrawnStorageFault>([
    { kind: 'full disk', faults: { diskFull: true } },
    { kind: 'SFTP without a response', faults: { hang: { step: random.pick(STEPS), once: true } } },
    { kind: 'SFTP cut in the middle of a file', faults: { dropAfterBytes: random.int(1, 20_000) } },
    { kind: 'SFTP connections cut', faults: {}, cut: true },
    { kind: 'SFTP renames refused', faults: { refuse: [{ step: 'RENAME', status: 4 }] } },
    { kind: 'SFTP without rights to rename', faults: { deny: ['rename'] } },
    { kind: 'slow SFTP', faults: { readDelayMs: random.int(50, 400) } },
  ]);
}
