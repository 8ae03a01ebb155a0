import { baseUrl } from '../../../lib/http/base-url';

describe('baseUrl', () => {
  it.each([
    ['https://contoso.crm4.dynamics.com/main.aspx?x=1#y', false, 'https://contoso.crm4.dynamics.com'],
    [' contoso.crm4.dynamics.com ', false, 'https://contoso.crm4.dynamics.com'],
    ['https://gateway.example/adobe/', true, 'https://gateway.example/adobe'],
    ['http://127.0.0.1:4711', false, 'http://127.0.0.1:4711'],
    ['http://localhost:4711/', true, 'http://localhost:4711'],
  ])('reads %p', (value, keepPath, expected) => {
    expect(baseUrl(value, 'URL', { keepPath })).toBe(expected);
  });

  it.each([
    ['', 'URL_INVALID'],
    [undefined, 'URL_INVALID'],
    ['https://', 'URL_INVALID'],
    ['not a url', 'URL_INVALID'],
    ['http://contoso.crm4.dynamics.com', 'URL_NOT_SECURE'],
    ['http://127.0.0.1.evil.example', 'URL_NOT_SECURE'],
    ['ftp://contoso.crm4.dynamics.com', 'URL_NOT_SECURE'],
  ])('refuses %p with %s', (value, code) => {
    expect(() => baseUrl(value, 'URL', { keepPath: false })).toThrow(expect.objectContaining({ code }));
  });
});
