import { dataverseSource } from '../../../lib/dataverse/change-source';
import { DataverseClient } from '../../../lib/dataverse/client';
import { ResponseTooLargeError } from '../../../lib/http/response-too-large';
import { column, CONTACT, ID, tableOf } from '../../support/builders';
import { errorOf } from '../../support/errors';
import { scriptedServer } from '../../support/scripted-server';

const page = (body: object) => ({ status: 200, body: JSON.stringify(body) });

describe('rows by their ids', () => {
  it('come to an end where the same next link comes again and again', async () => {
    const reply = { value: [], '@odata.nextLink': '' };
    const server = await scriptedServer(page({ access_token: 't', expires_in: 3600 }), page(reply));
    reply['@odata.nextLink'] = `${server.url}/api/data/v9.2/contacts?$skiptoken=1`;
    await server.close();
    const again = await scriptedServer(
      page({ access_token: 't', expires_in: 3600 }),
      page({ ...reply, '@odata.nextLink': 'contacts?$skiptoken=1' }),
    );
    const client = new DataverseClient({
      url: again.url,
      loginUrl: again.url,
      tenantId: 't',
      clientId: 'c',
      clientSecret: 's',
    });
    expect(await errorOf(client.getByIds(CONTACT, [], [ID]))).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(again.seen.length).toBeLessThan(5);
    client.close();
    await again.close();
  });
});

describe('a page that is too large', () => {
  const tooLarge = new ResponseTooLargeError('Dynamics 365', 'read', 'is larger than 128 MB');
  const { signal } = new AbortController();
  const options = { pageSize: 5000, initial: true, signal };
  /** A source over a client whose pages are too large above so many rows. */
  const source = (most: number) => {
    const asked: number[] = [];
    const client = {
      readPage: async ({ pageSize }: { pageSize: number }) => {
        asked.push(pageSize);
        if (pageSize > most) throw tooLarge;
        return { rows: [], deletions: [], deltaLink: 'd' };
      },
    };
    const feed = dataverseSource(client as never, tableOf(column('lastname', 'string')), { labels: true, besides: [] });
    return { feed, asked };
  };

  it('is asked for again with half its rows, and so are those that follow', async () => {
    const { feed, asked } = source(700);
    await feed.firstPage('rows', options);
    expect(asked).toEqual([5000, 2500, 1250, 625]);
    await feed.pageAt('n1', 'rows', options);
    expect(asked.slice(4)).toEqual([625]);
  });

  it('is named where a single row is too large', async () => {
    const { feed, asked } = source(0);
    expect(await errorOf(feed.firstPage('rows', options))).toMatchObject({
      code: 'ROW_TOO_LARGE',
      message: expect.stringContaining('"contact"'),
    });
    expect(asked.at(-1)).toBe(1);
    expect(asked.length).toBeLessThan(15);
  });
});
