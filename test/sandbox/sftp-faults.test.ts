import { startSandbox, type SandboxHandle } from '../../sandbox/start';

let sandbox: SandboxHandle;
beforeAll(async () => (sandbox = await startSandbox({ sftp: true })));
afterAll(async () => await sandbox?.close());

const order = async (faults: unknown) =>
  await fetch(`${sandbox.controlUrl}/sftp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });

describe('faults of the SFTP storage', () => {
  it('are ordered over the control interface, each order in place of the last', async () => {
    await order({ sizeOff: 5 });
    expect((await order({ hang: { step: 'READ', name: 'a.txt' } })).status).toBe(200);
    expect(sandbox.sftpServer?.faults).toEqual({ hang: { step: 'READ', name: 'a.txt' } });
    await order({});
    expect(sandbox.sftpServer?.faults).toEqual({});
  });

  it.each([{ hang: { step: 'READLINK' } }, { omit: ['name'] }, { unknown: true }])(
    'are refused where they mean nothing: %j',
    async (faults) => {
      expect((await order(faults)).status).toBe(400);
      expect(sandbox.sftpServer?.faults).toEqual({});
    },
  );
});
