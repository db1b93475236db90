/** The header that says which helper a request comes from. */

import { buildHeaders, type HeadersLike } from '../headers.js';

/** Headers of a call together with the helper's name. */
export function withHelperMethod(headers: HeadersLike, name: string): HeadersLike {
  return buildHeaders([headers, { 'X-Stainless-Helper-Method': name }]);
}
