import nock from 'nock';
import { N8nRest, unflatten, type WorkflowJson } from '../../../sandbox/n8n-host/rest';

const URL = 'http://127.0.0.1:5678';
const rest = () => new N8nRest(URL, { email: 'owner@sandbox.example', password: 'secret' });

function signIn() {
  return nock(URL)
    .post('/rest/login', { emailOrLdapLoginId: 'owner@sandbox.example', password: 'secret' })
    .reply(200, { data: {} }, { 'set-cookie': 'n8n-auth=token; Path=/; HttpOnly' });
}

afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});

describe("n8n's stored form of an execution", () => {
  it('is read back, shared parts and strings that look like indices too', () => {
    const stored = JSON.stringify([
      { a: '1', list: '2', n: 3, none: null },
      '17',
      ['1', '3', true],
      { word: '4' },
      'hi',
    ]);

    expect(unflatten(stored)).toEqual({ a: '17', list: ['17', { word: 'hi' }, true], n: 3, none: null });
  });

  it('may refer to itself', () => {
    const read = unflatten('[{"self":"0"}]') as { self: unknown };

    expect(read.self).toBe(read);
  });
});

describe("n8n's REST interface", () => {
  it('is signed in to once, with the cookie sent from then on', async () => {
    signIn();
    nock(URL, { reqheaders: { cookie: 'n8n-auth=token' } })
      .get('/rest/workflows/7')
      .twice()
      .reply(200, { data: { id: '7' } });
    const client = rest();

    await client.workflow('7');

    expect(await client.workflow('7')).toEqual({ id: '7' });
  });

  it('says what was refused and why', async () => {
    signIn();
    nock(URL).post('/rest/workflows/7/deactivate').reply(400, { message: 'Not now' });

    await expect(rest().unpublish('7')).rejects.toThrow(/POST \/workflows\/7\/deactivate with 400: .*Not now/);
  });

  it.each([
    ['by type and name', 'Second', { id: 'c2', name: 'Second' }],
    ['by type when no name fits', 'Elsewhere', { id: 'c1', name: 'First' }],
  ])('binds the credentials of an imported workflow %s', async (_case, wanted, bound) => {
    const workflow: WorkflowJson = {
      name: 'W',
      nodes: [
        {
          name: 'N',
          type: 't',
          typeVersion: 1,
          position: [0, 0],
          parameters: {},
          credentials: { someApi: { id: null, name: wanted } },
        },
      ],
      connections: {},
    };
    signIn();
    nock(URL)
      .get('/rest/credentials')
      .reply(200, {
        data: [
          { id: 'c0', name: 'Second', type: 'otherApi' },
          { id: 'c1', name: 'First', type: 'someApi' },
          { id: 'c2', name: 'Second', type: 'someApi' },
        ],
      });
    let imported: WorkflowJson | undefined;
    nock(URL)
      .post('/rest/workflows', (body: WorkflowJson) => {
        imported = body;
        return true;
      })
      .reply(200, { data: { id: 'w' } });

    await rest().importWorkflow(workflow);

    expect(imported?.nodes[0]?.credentials).toEqual({ someApi: bound });
    expect(workflow.nodes[0]?.credentials?.['someApi']?.name).toBe(wanted);
  });
});
