/** Regions whose servers a client can use. */

/** A region whose servers are used. */
export type DataResidency = 'global' | 'us' | 'eu' | 'ae' | 'au' | 'in' | 'jp';

const PREFIXES: Record<DataResidency, string> = {
  global: '',
  us: 'us.',
  eu: 'eu.',
  ae: 'ae.',
  au: 'au.',
  in: 'in.',
  jp: 'jp.',
};

/** The names of all regions. */
export const REGIONS = Object.keys(PREFIXES);

/** The base URL of a region; `undefined` for a name that is none. */
export function regionURL(region: string): string | undefined {
  return Object.hasOwn(PREFIXES, region) ? `https://${PREFIXES[region as DataResidency]}api.openai.com/v1` : undefined;
}
