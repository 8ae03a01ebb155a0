import { TokenSource, type Token } from '../../../lib/http/token-source';
import { fakeTime } from '../../support/test-clock';

function source(lifetime = 3600) {
  const time = fakeTime();
  let count = 0;
  const fetchToken = jest.fn(async (): Promise<Token> => ({ value: `token${++count}`, expiresInSeconds: lifetime }));
  return { time, fetchToken, tokens: new TokenSource(fetchToken, time.clock) };
}

describe('TokenSource', () => {
  it('fetches one token for all that wait for it', async () => {
    const { tokens, fetchToken } = source();
    expect(await Promise.all([tokens.get(), tokens.get(), tokens.get()])).toEqual(['token1', 'token1', 'token1']);
    expect(fetchToken).toHaveBeenCalledTimes(1);
    expect(tokens.get()).toBe('token1');
  });

  it('renews a token a minute before its end', async () => {
    const { tokens, time } = source();
    await tokens.get();
    time.clock.advance((3600 - 61) * 1000);
    expect(await tokens.get()).toBe('token1');
    time.clock.advance(1_000);
    expect(await tokens.get()).toBe('token2');
  });

  it('keeps a token that lives shorter than that for half its life', async () => {
    const { tokens, time } = source(20);
    await tokens.get();
    time.clock.advance(9_999);
    expect(await tokens.get()).toBe('token1');
    time.clock.advance(1);
    expect(await tokens.get()).toBe('token2');
  });

  it('drops a refused token, but not the newer one that another request fetched', async () => {
    const { tokens } = source();
    const first = await tokens.get();
    tokens.reject(first);
    expect(await tokens.get()).toBe('token2');
    tokens.reject(first);
    expect(await tokens.get()).toBe('token2');
  });

  it('tries again after a failure instead of keeping it', async () => {
    const time = fakeTime();
    const fetchToken = jest
      .fn<Promise<Token>, []>()
      .mockRejectedValueOnce(new Error('refused'))
      .mockResolvedValue({ value: 'good', expiresInSeconds: 60 });
    const tokens = new TokenSource(fetchToken, time.clock);
    await expect(tokens.get()).rejects.toThrow('refused');
    expect(await tokens.get()).toBe('good');
  });
});
