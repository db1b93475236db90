/** Where requests go in place of the API itself: part of other providers, by type only. */

declare const providerBrand: unique symbol;

/** A provider, as those who make one give it. */
export interface Provider {
  readonly [providerBrand]: true;
}
