/** Addresses as they are told: where a page is from, and nothing that may be a secret. */

const BLANK = 'about:blank';
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The origin of a page of http or https, and of any other its scheme. @throws {TypeError} It is no address. */
export function shown(url: string): string {
  const { protocol, origin } = new URL(url);
  if (url.trim() === BLANK) return BLANK;
  return protocol === 'http:' || protocol === 'https:' ? origin : protocol;
}

/** The origin of a page of http or https, or `about:blank`. @throws {TypeError} It is anything else. */
export function originOf(url: string): string {
  if (url === BLANK) return url;
  const authority = /^https?:\/\/([^/?#\\\s]+)(?:[/?#]|$)/i.exec(url)?.[1];
  if (authority === undefined || /[\s\\]/.test(url)) throw new TypeError('It is no address of a page.');
  const { hostname, origin } = new URL(url);
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  // A host that is only read as another one, such as a shortened number, is none to be told.
  const isItself = /[^\0-\x7f]/.test(host) || host.toLowerCase() === hostname;
  const isNamed = hostname.startsWith('[') || hostname.replace(/\.$/, '').split('.').every((label) => LABEL.test(label));
  if (!isItself || !isNamed) throw new TypeError('It is no address of a page.');
  return origin;
}
