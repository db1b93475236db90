/** Certificates as credentials: part of credentials other than keys, by type only. */

/** How the token service is reached. */
export type X509ProxyMode = 'direct' | 'http-connect' | 'https-connect';

declare const brand_privateX509Transport: unique symbol;

/** A transport that shows a certificate. */
export interface X509Transport {
  readonly [brand_privateX509Transport]: true;
}

/** Options of such a transport. */
export interface X509TransportOptions {
  runtime: 'node';
  /** An `Agent` or `ProxyAgent` of undici. */
  dispatcher: object;
  certificateIdentity: 'static';
  proxy: X509ProxyMode;
}
