import { sameOriginLink } from '../../../lib/http/same-origin';

const base = 'https://mc.adobe.io/tenant/campaign/';

describe('sameOriginLink', () => {
  it.each([
    ["https://mc.adobe.io/tenant/campaign/x?a=%2f!'(1)", "https://mc.adobe.io/tenant/campaign/x?a=%2f!'(1)"],
    ['/tenant/campaign/profile/@x', 'https://mc.adobe.io/tenant/campaign/profile/@x'],
    ['profileAndServices/profile/@x', 'https://mc.adobe.io/tenant/campaign/profileAndServices/profile/@x'],
    ['HTTPS://MC.ADOBE.IO/x', 'HTTPS://MC.ADOBE.IO/x'],
  ])('takes %s', (link, expected) => {
    expect(sameOriginLink(link, base, 'Campaign')).toBe(expected);
  });

  it.each([
    'https://evil.example/tenant/campaign/x',
    'https://mc.adobe.io.evil.example/x',
    'https://mc.adobe.io@evil.example/x',
    'https://user:pw@mc.adobe.io/x',
    'https://evil.example\\@mc.adobe.io/x',
    'https://mc.adobe.io\\@evil.example/x',
    'http://mc.adobe.io/x',
    'https://mc.adobe.io:8443/x',
    '//evil.example/x',
    '\\\\evil.example/x',
    'javascript:alert(1)',
    'https://',
    'https:///mc.adobe.io/x',
  ])('refuses %s', (link) => {
    expect(() => sameOriginLink(link, base, 'Campaign')).toThrow(expect.objectContaining({ code: 'FOREIGN_LINK' }));
  });

  it('does not repeat the link in its error', () => {
    expect(() => sameOriginLink('https://evil.example/?key=secret', base, 'Campaign')).toThrow(/^((?!secret).)*$/);
  });
});
