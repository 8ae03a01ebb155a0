import { ConfigurationError } from '../core/errors';

/**
 * A URL of a credential, without slash at its end.
 *
 * @param field the field's name as the credential shows it
 * @throws ConfigurationError URL_INVALID, URL_NOT_SECURE (http is for this machine itself only: secrets travel on it)
 */
export function baseUrl(value: string | undefined, field: string, options: { readonly keepPath: boolean }): string {
  const text = (value ?? '').trim();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    throw new ConfigurationError('URL_INVALID', `The credential's field "${field}" is not a URL.`, {
      hint: 'It looks like https://host.example.com.',
    });
  }
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) {
    throw new ConfigurationError('URL_NOT_SECURE', `The credential's field "${field}" must begin with https://.`, {
      hint: 'Enter the https address: secrets are sent to it. http is accepted for this machine itself only.',
    });
  }
  return options.keepPath ? url.origin + url.pathname.replace(/\/+$/, '') : url.origin;
}
